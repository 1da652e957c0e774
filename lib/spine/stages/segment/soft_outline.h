#pragma once
#include <vector>

#include <opencv2/core.hpp>

#include "spine/stages/preprocess/preprocess.h"

namespace spine {

/// A point of a structure's outline with the width of the probability's transition there.
struct OutlinePoint {
  cv::Point2d at;    ///< film pixels
  double width = 0;  ///< 1 / slope of the probability: its 0-to-1 transition width, film pixels
};

/// The outer contours of probability >= threshold, to sub-pixel precision; holes are ignored.
/// @param probability  CV_32FC1 of the network's square, values in [0,1]
/// @param box  how the film lies in that square
std::vector<OutlinePoint> soft_outline(const cv::Mat& probability, double threshold,
                                       const Letterbox& box);

}  // namespace spine
