#pragma once
#include <array>
#include <span>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/core/mask_crop.h"
#include "spine/stages/preprocess/preprocess.h"
#include "spine/stages/segment/level_labelling.h"

namespace spine {

/// A connected component of a thresholded probability plane, in network pixels.
struct Component {
  cv::Mat mask;         ///< CV_8UC1 0/255, of the square's size
  cv::Rect box;         ///< bounding box
  double area = 0;      ///< pixels
  double mass = 0;      ///< sum of the probability
  double solidity = 0;  ///< area over area of the convex hull
  cv::Point2d center;   ///< centroid
  /// Square root of the area, pixels.
  [[nodiscard]] double side() const { return std::sqrt(area); }
  /// Mean probability.
  [[nodiscard]] double mean() const { return mass / area; }
};

/// 8-connected components of probability >= threshold, by decreasing mass. Components smaller than
/// 0.02 % of the square are excluded.
/// @param probability  CV_32FC1
std::vector<Component> components_of(const cv::Mat& probability, double threshold);

/// The probability of a body of any level: the sum of the channels L1 ... L5, at most 1.
cv::Mat any_body(std::span<const cv::Mat> probabilities);

/// Evidence of the channels for each level of a body, in pixels: the probability of the level's
/// channel summed over the body, plus 2 % of the body's mass for every lumbar level, so that a body
/// at the place of a missing level gets its label even without evidence of that channel.
std::array<double, kLevelCount> level_evidence(std::span<const cv::Mat> probabilities,
                                               const Component& body);

/// Vertices of a mask's contours, pixels, for LevelCandidate::edge.
/// @param mask  CV_8UC1
std::vector<cv::Point2d> edge_of(const cv::Mat& mask);

/// Number of pixels that both components contain.
double shared_area(const Component& a, const Component& b);

/// The probability of one component and its surroundings, 0 in and beside other components:
/// CV_32FC1 of the square.
cv::Mat isolated(const cv::Mat& plane, const Component& component, double threshold);

/// The mask of one component at film resolution, by cubic interpolation of the probability (Keys
/// 1981, a = -1/2) and the threshold. The crop includes a margin around the component.
/// @param alone  the component's probability in the network's square, see isolated()
/// @param component  bounding box of the component, network pixels
/// @param box  how the film lies in that square
MaskCrop upsampled_mask(const cv::Mat& alone, const cv::Rect& component, const Letterbox& box,
                        double threshold);

}  // namespace spine
