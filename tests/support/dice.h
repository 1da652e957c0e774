#pragma once
#include <opencv2/core.hpp>

namespace spine::test {

/// Dice of two masks that are not both empty; written anew here, so that no test judges by the
/// library's own.
inline double dice(const cv::Mat& a, const cv::Mat& b) {
  return 2.0 * cv::countNonZero(a & b) / (cv::countNonZero(a) + cv::countNonZero(b));
}

}  // namespace spine::test
