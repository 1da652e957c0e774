#pragma once
#include <array>
#include <span>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/core/mask_crop.h"
#include "spine/stages/preprocess/preprocess.h"
#include "spine/stages/segment/level_labelling.h"

namespace spine {

/// A connected part of a thresholded probability plane.
struct Component {
  cv::Mat mask;  ///< CV_8UC1 of the square
  cv::Rect box;
  double area = 0;
  double mass = 0;  ///< sum of the probability
  double solidity = 0;
  cv::Point2d center;
  [[nodiscard]] double side() const { return std::sqrt(area); }
  [[nodiscard]] double mean() const { return mass / area; }
};

/// Components in order of falling mass; specks are left out.
/// @param probability  CV_32FC1
std::vector<Component> components_of(const cv::Mat& probability, double threshold);

/// The probability of a body of any level: the sum of the channels L1 ... L5, at most 1.
cv::Mat any_body(std::span<const cv::Mat> probabilities);

/// How much the channels speak for each level of a body, in pixels. Being named at all is worth a
/// little too: a body at a missing level's place gets that name even if no channel gives it.
std::array<double, kLevelCount> level_evidence(std::span<const cv::Mat> probabilities,
                                               const Component& body);

/// Corners of a mask's edge, for LevelCandidate::edge.
/// @param mask  CV_8UC1
std::vector<cv::Point2d> edge_of(const cv::Mat& mask);

/// Pixels that both have.
double shared_area(const Component& a, const Component& b);

/// The probability of one component alone: that of other components is taken away.
cv::Mat isolated(const cv::Mat& plane, const Component& component, double threshold);

/// The mask of one component on the film, by cubic interpolation of the probability: its
/// surroundings, all of which it may not fill.
/// @param alone  the component's probability in the network's square, see isolated()
MaskCrop upsampled_mask(const cv::Mat& alone, const cv::Rect& component, const Letterbox& box,
                        double threshold);

}  // namespace spine
