#include "spine/stages/locate/local_outline.h"

#include <algorithm>
#include <cmath>

#include "spine/core/geometry.h"
#include "spine/core/statistics.h"

namespace spine {

namespace {

using Axis = double cv::Point2d::*;
constexpr Axis kU = &cv::Point2d::x;
constexpr Axis kV = &cv::Point2d::y;

Range range_of(const Points& points, Axis axis) {
  const auto [low, high] = std::minmax_element(
      points.begin(), points.end(),
      [&](const cv::Point2d& a, const cv::Point2d& b) { return a.*axis < b.*axis; });
  return {(*low).*axis, (*high).*axis};
}

Points envelope(const Points& local, Axis along, Axis across, double sign, const Range& range,
                int bins) {
  std::vector<std::optional<cv::Point2d>> best(static_cast<std::size_t>(bins));
  for (const auto& p : local) {
    const double t = (p.*along - range.low) / range.length();
    if (!(t >= 0 && t < 1)) continue;
    auto& b = best[static_cast<std::size_t>(t * bins)];
    if (!b || sign * (p.*across) > sign * ((*b).*across)) b = p;
  }
  Points side;
  for (const auto& b : best) {
    if (b) side.push_back(*b);
  }
  return side;
}

double squared(cv::Point2d v) { return v.dot(v); }

}  // namespace

cv::Point2d rotated(cv::Point2d v, double deg) {
  const double a = rad_from_deg(deg);
  return {std::cos(a) * v.x - std::sin(a) * v.y, std::sin(a) * v.x + std::cos(a) * v.y};
}

cv::Point2d unit(cv::Point2d v) { return v * (1 / cv::norm(v)); }

cv::Point2d mean(const Points& points) {
  cv::Point2d sum(0, 0);
  for (const auto& p : points) sum += p;
  return sum * (1.0 / static_cast<double>(points.size()));
}

double angle_deg(cv::Point2d a, cv::Point2d b) {
  return deg_from_rad(std::atan2(std::abs(a.cross(b)), a.dot(b)));
}

Points to_local(const Points& points, const Axes& axes) {
  Points local;
  local.reserve(points.size());
  for (const auto& p : points) local.push_back(axes.to_local(p));
  return local;
}

Range range_u(const Points& local) { return range_of(local, kU); }
Range range_v(const Points& local) { return range_of(local, kV); }

Points plate_side(const Points& local, double sign, const Range& u, int bins) {
  return envelope(local, kU, kV, sign, u, bins);
}

Points wall_side(const Points& local, double sign, const Range& v, int bins) {
  return envelope(local, kV, kU, sign, v, bins);
}

std::optional<Slope> fit_slope(const Points& side, double scale) {
  const auto line = fit_line_robust(side, scale);
  if (!line || std::abs(line->direction.x) < 0.5) return std::nullopt;
  const double b = line->direction.y / line->direction.x;
  return Slope{line->point.y - b * line->point.x, b};
}

std::optional<Wall> fit_wall(const Points& side, const Range& v, double scale) {
  const auto line = fit_line_robust(side, scale);
  if (!line || std::abs(line->direction.y) < 0.5) return std::nullopt;
  Wall wall;
  wall.slope = line->direction.x / line->direction.y;
  wall.u0 = line->point.x - wall.slope * line->point.y;
  const auto flare = [&](double from, double to) {
    std::vector<double> offsets;
    for (const auto& p : side) {
      if (p.y < v.at(from) || p.y > v.at(to)) continue;
      offsets.push_back(p.x - wall.u0 - wall.slope * p.y);
    }
    return median(offsets);
  };
  wall.flare_bottom = flare(0.1, 0.28);
  wall.flare_top = flare(0.72, 0.9);
  return wall;
}

cv::Point2d crossing(const Wall& wall, double flare, const Slope& plate) {
  const double v = (plate.a + plate.b * (wall.u0 + flare)) / (1 - plate.b * wall.slope);
  return {wall.u0 + flare + wall.slope * v, v};
}

std::optional<cv::Point2d> outermost(const Points& local, cv::Point2d near, double reach,
                                     cv::Point2d outwards, double tolerance) {
  Points candidates;
  double most = -1e300;
  for (const auto& p : local) {
    if (squared(p - near) > reach * reach) continue;
    candidates.push_back(p);
    most = std::max(most, p.dot(outwards));
  }
  if (candidates.empty()) return std::nullopt;
  cv::Point2d sum(0, 0);
  double count = 0;
  for (const auto& p : candidates) {
    if (p.dot(outwards) < most - tolerance) continue;
    sum += p;
    ++count;
  }
  return sum * (1 / count);
}

}  // namespace spine
