#pragma once
#include <opencv2/core.hpp>

namespace spine {

/// Grey values of one picture brought to those of another, place by place: around every pixel the
/// gain and offset that fit best in the least-squares sense, found twice more without the pixels
/// that the fit before leaves far off, as metal does. Edges of `drawn` stay where they are.
/// @param drawn, film  CV_32FC1 of one size
/// @param content  the part to match; outside it the result is 0
/// @param window  side of the neighbourhood, pixels
cv::Mat match_greys(const cv::Mat& drawn, const cv::Mat& film, const cv::Rect& content, int window);

}  // namespace spine
