#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include <opencv2/core.hpp>

namespace spine::sim {

/// Closed triangle mesh, millimetres, outward-facing (counter-clockwise seen from outside).
struct Mesh {
  std::vector<cv::Vec3f> vertices;
  std::vector<std::array<std::uint32_t, 3>> faces;
};

/// Rigid (or affine) placement: p -> linear * p + offset.
struct Transform {
  cv::Matx33d linear = cv::Matx33d::eye();
  cv::Vec3d offset{0, 0, 0};
  /// Applies the placement.
  [[nodiscard]] cv::Vec3d operator()(const cv::Vec3d& p) const { return linear * p + offset; }
};

}  // namespace spine::sim
