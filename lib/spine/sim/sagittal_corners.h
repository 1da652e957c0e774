#pragma once
#include <vector>

#include <opencv2/core.hpp>

namespace spine::sim {

/// Corners of a vertebral body in a sagittal plane (first coordinate anterior, second up), mm.
struct SagittalCorners {
  cv::Vec2d sup_post, sup_ant, inf_post, inf_ant;
};

/// Corners of the body whose sagittal silhouette is the hull of `points_mm`, by the definition of
/// landmarks in stages/README.md: each lies at the 45° point of its rounded corner (where the
/// hull's tangent bisects endplate and wall); a superior one is then moved to the line that touches
/// both superior rims, but not farther than 0.35 mm.
SagittalCorners find_corners(const std::vector<cv::Vec2d>& points_mm);

/// Unit vector in the direction of `v`; zero stays zero.
cv::Vec2d unit(const cv::Vec2d& v);

}  // namespace spine::sim
