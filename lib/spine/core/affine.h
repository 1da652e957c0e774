#pragma once
#include <opencv2/core.hpp>

namespace spine {

/// A point under an affine map.
inline cv::Point2d apply(const cv::Matx23d& map, cv::Point2d p) {
  return {map(0, 0) * p.x + map(0, 1) * p.y + map(0, 2),
          map(1, 0) * p.x + map(1, 1) * p.y + map(1, 2)};
}

/// The reverse of an affine map, which must have one.
inline cv::Matx23d inverted(const cv::Matx23d& map) {
  const double det = map(0, 0) * map(1, 1) - map(0, 1) * map(1, 0);
  const cv::Matx22d turned(map(1, 1) / det, -map(0, 1) / det, -map(1, 0) / det, map(0, 0) / det);
  const cv::Vec2d shift = turned * cv::Vec2d(map(0, 2), map(1, 2));
  return {turned(0, 0), turned(0, 1), -shift[0], turned(1, 0), turned(1, 1), -shift[1]};
}

/// The map to pixels of an image that is resized to `fx` and `fy` times its size, pixel centres to
/// pixel centres.
inline cv::Matx23d resized(const cv::Matx23d& map, double fx, double fy) {
  return {map(0, 0) * fx, map(0, 1) * fx, (map(0, 2) + 0.5) * fx - 0.5,
          map(1, 0) * fy, map(1, 1) * fy, (map(1, 2) + 0.5) * fy - 0.5};
}

}  // namespace spine
