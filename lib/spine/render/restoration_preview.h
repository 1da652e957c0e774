#pragma once
#include <opencv2/core.hpp>

#include "spine/core/image.h"

namespace spine {

/// film | reconstruction | difference | mask | restored, side by side, with their names.
/// @param drawn, difference  at the network's resolution, CV_32FC1 in [0,1], of one size; the
///                           difference is shown three times as bright
/// @param mask  CV_8UC1 0/255 of the film's size
/// @returns CV_8UC1, 512 rows and a line of names
cv::Mat draw_restoration_preview(const Image& film, const cv::Mat& drawn, const cv::Mat& difference,
                                 const cv::Mat& mask, const Image& restored);

}  // namespace spine
