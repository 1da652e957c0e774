#include "spine/sim/sacral_junction.h"

#include <algorithm>
#include <cmath>

#include "spine/core/geometry.h"
#include "spine/sim/mesh_build.h"

namespace spine::sim {
namespace {

constexpr double kRoundedFrom = 0.4;  ///< of the endplate's half depth, towards the promontory
constexpr double kPosteriorRoundedFrom = 0.35;
constexpr double kCornerDropMm = 1.2;
constexpr double kPosteriorMark = 0.85;  ///< of the posterior rounding's depth

cv::Vec3d axis(const SpinePose& pose, int column) {
  return {pose.sacrum_axes(0, column), pose.sacrum_axes(1, column), pose.sacrum_axes(2, column)};
}

/// 1 up to `from`, 0 from `to`.
double fade(double from, double to, double at) { return 1 - smoothstep(from, to, at); }

}  // namespace

void shape_junction(const Patient& patient, const SpinePose& pose, Mesh& sacrum) {
  if (!patient.junction) return;
  const SacralJunction& j = *patient.junction;
  const cv::Vec3d middle = (pose.s1_post + pose.s1_ant) * 0.5;
  const cv::Vec3d anterior = axis(pose, 0), left = axis(pose, 1), up = axis(pose, 2);
  const double half_depth = cv::norm(pose.s1_ant - pose.s1_post) / 2;
  const double half_width = patient.s1_width / 2;
  for (auto& vertex : sacrum.vertices) {
    const cv::Vec3d p = cv::Vec3d(vertex) - middle;
    const double x = p.dot(anterior) / half_depth, y = std::abs(p.dot(left)) / half_width;
    const double below = -p.dot(up);
    double lift = 0;
    if (std::abs(x) < 1 && y < 1)
      lift += j.dome_mm * (1 - x * x) * (1 - y * y) * fade(2, 12, below);
    if (x > kRoundedFrom) {
      const double t = std::min((x - kRoundedFrom) / (1 - kRoundedFrom), 1.2);
      lift -= j.promontory_mm * t * t * fade(3, 18, below);
    }
    if (x < -kPosteriorRoundedFrom && x > -1.2) {
      const double t = std::min((-x - kPosteriorRoundedFrom) / (1 - kPosteriorRoundedFrom), 1.0);
      lift -= j.posterior_mm * t * t * fade(3, 18, below);
    }
    if (y > 1) {
      lift += j.ala_lift_mm * std::min((y - 1) / 0.7, 1.0) *
              fade(0.15 * patient.sacrum_length, 0.5 * patient.sacrum_length, below);
    }
    vertex += cv::Vec3f(up * lift);
  }
}

S1Corners s1_corners(const Patient& patient, const SpinePose& pose) {
  S1Corners corners{pose.s1_post, pose.s1_ant};
  if (!patient.junction) return corners;
  const SacralJunction& j = *patient.junction;
  if (j.promontory_mm > kCornerDropMm) {
    const double t = std::sqrt(kCornerDropMm / j.promontory_mm);
    const double cut = (1 - kRoundedFrom) * (1 - t) / 2;  // of the whole depth
    corners.ant += cut * (pose.s1_post - pose.s1_ant);
  }
  corners.post -= kPosteriorMark * j.posterior_mm * axis(pose, 2);
  return corners;
}

}  // namespace spine::sim
