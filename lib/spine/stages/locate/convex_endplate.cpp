#include "spine/stages/locate/convex_endplate.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace spine {

namespace {

// Fraction of a body's depth.
constexpr double kProfileScale = 0.02;
// Weight of the bulging-endplate model: rises from 0 to 1 between these bulges, and falls from 1 to
// 0 between these misfits.
constexpr std::array<double, 2> kBulges{0.007, 0.021}, kMisfits{0.0025, 0.0041};

/// Mean u of the outline near a wall where a line crosses it; `expected` without outline there.
double wall_at(const Points& local, const Slope& line, double expected, double depth) {
  double sum = 0;
  int count = 0;
  for (const auto& p : local) {
    if (std::abs(p.x - expected) > 0.08 * depth) continue;
    if (std::abs(p.y - line.at(p.x)) > 0.012 * depth) continue;
    sum += p.x;
    ++count;
  }
  return count == 0 ? expected : sum / count;
}

double ramp(double value, const std::array<double, 2>& from_to) {
  return std::clamp((value - from_to[0]) / (from_to[1] - from_to[0]), 0.0, 1.0);
}

}  // namespace

void fit_convex_endplate(const Points& local, double sign, const PlateShape& shape,
                         const PlateRule& rule, cv::Point2d& post, cv::Point2d& ant) {
  const double depth = ant.x - post.x;
  if (depth <= 0) return;
  Points profile = plate_side(local, sign, {post.x + 0.06 * depth, ant.x - 0.04 * depth});
  for (auto& p : profile) p.y *= sign;
  const auto plate = fit_tilted_plate(profile, shape, post.x, ant.x, kProfileScale * depth);
  if (!plate) return;
  const Slope line{sign * (plate->base.a - rule.across * depth), sign * plate->base.b};
  const double share =
      ramp(plate->bulge / depth, kBulges) * (1 - ramp(plate->misfit / depth, kMisfits));
  const auto move = [&](cv::Point2d& corner, double forwards) {
    const double u = wall_at(local, line, corner.x, depth) + forwards * depth;
    const cv::Point2d step = share * (cv::Point2d(u, line.at(u)) - corner);
    corner += step * std::min(1.0, rule.reach * depth / std::max(cv::norm(step), 1e-12));
  };
  move(post, rule.post);
  move(ant, -rule.ant);
}

}  // namespace spine
