#pragma once
#include <opencv2/core.hpp>

namespace spine {

/// Applies an affine map to a point.
inline cv::Point2d apply(const cv::Matx23d& map, cv::Point2d p) {
  return {map(0, 0) * p.x + map(0, 1) * p.y + map(0, 2),
          map(1, 0) * p.x + map(1, 1) * p.y + map(1, 2)};
}

/// Inverse of an affine map with a non-zero determinant (not checked).
inline cv::Matx23d inverted(const cv::Matx23d& map) {
  const double det = map(0, 0) * map(1, 1) - map(0, 1) * map(1, 0);
  const cv::Matx22d linear(map(1, 1) / det, -map(0, 1) / det, -map(1, 0) / det, map(0, 0) / det);
  const cv::Vec2d shift = linear * cv::Vec2d(map(0, 2), map(1, 2));
  return {linear(0, 0), linear(0, 1), -shift[0], linear(1, 0), linear(1, 1), -shift[1]};
}

/// The map `map` followed by a resize of its target image by the factors `fx` and `fy`. Integer
/// coordinates are pixel centres in both images.
inline cv::Matx23d resized(const cv::Matx23d& map, double fx, double fy) {
  return {map(0, 0) * fx, map(0, 1) * fx, (map(0, 2) + 0.5) * fx - 0.5,
          map(1, 0) * fy, map(1, 1) * fy, (map(1, 2) + 0.5) * fy - 0.5};
}

}  // namespace spine
