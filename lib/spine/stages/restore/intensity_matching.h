#pragma once
#include <opencv2/core.hpp>

namespace spine {

/// Matches the grey values of a reconstruction to those of the film by a local gain and offset: the
/// weighted least-squares fit in a window around each pixel, repeated twice without outliers such
/// as implants. Edges of `reconstruction` keep their position.
/// @param reconstruction, film  CV_32FC1 of one size and in the same unit
/// @param content  the part to match; outside it the result is 0
/// @param window  side of the neighbourhood, pixels
/// @returns CV_32FC1 of that size
cv::Mat match_intensity(const cv::Mat& reconstruction, const cv::Mat& film, const cv::Rect& content,
                        int window);

}  // namespace spine
