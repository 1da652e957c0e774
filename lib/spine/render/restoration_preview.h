#pragma once
#include <opencv2/core.hpp>

#include "spine/core/image.h"

namespace spine {

/// Draws film, reconstruction, difference, mask and restored film side by side, with titles.
/// @param reconstruction, difference  at the network's resolution, CV_32FC1 in [0,1], of equal
///     size; the difference is displayed three times as bright
/// @param mask  CV_8UC1 0/255 of the film's size
/// @returns CV_8UC1, 512 rows and a title line
cv::Mat draw_restoration_preview(const Image& film, const cv::Mat& reconstruction,
                                 const cv::Mat& difference, const cv::Mat& mask,
                                 const Image& restored);

}  // namespace spine
