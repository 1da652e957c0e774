#pragma once
#include <vector>

#include <opencv2/core.hpp>

#include "spine/stages/preprocess/preprocess.h"

namespace spine {

/// A point of a structure's outline, and how sharply a network saw it there.
struct OutlinePoint {
  cv::Point2d at;    ///< film pixels
  double width = 0;  ///< in which the probability would run from 0 to 1 at its slope, film pixels
};

/// Where a probability crosses the threshold, once round each part.
/// @param probability  CV_32FC1 square, as `box` lays the film in it
std::vector<OutlinePoint> soft_outline(const cv::Mat& probability, double threshold,
                                       const Letterbox& box);

}  // namespace spine
