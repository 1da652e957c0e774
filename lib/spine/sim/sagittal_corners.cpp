#include "spine/sim/sagittal_corners.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <opencv2/imgproc.hpp>

#include "spine/core/error.h"
#include "spine/core/geometry.h"

namespace spine::sim {

namespace {

/// How far a superior corner may leave its rounded corner.
constexpr double kMaxLineSlideMm = 0.35;

/// Mean of the hull's support points over directions within ±20° of `direction`: the place where a
/// rounded corner faces that way, steadier than the support point of a coarse polygon.
cv::Vec2d support(const std::vector<cv::Vec2d>& hull, const cv::Vec2d& direction) {
  constexpr int kSteps = 10;
  constexpr double kSpread = 20 * kPi / 180;
  cv::Vec2d sum(0, 0);
  for (int i = -kSteps; i <= kSteps; ++i) {
    const double t = kSpread * i / kSteps;
    const cv::Vec2d d(std::cos(t) * direction[0] - std::sin(t) * direction[1],
                      std::sin(t) * direction[0] + std::cos(t) * direction[1]);
    sum += *std::max_element(hull.begin(), hull.end(),
                             [&d](const auto& p, const auto& q) { return p.dot(d) < q.dot(d); });
  }
  return sum * (1.0 / (2 * kSteps + 1));
}

std::vector<cv::Vec2d> convex_hull(const std::vector<cv::Vec2d>& points) {
  std::vector<cv::Point2f> flat;
  flat.reserve(points.size());
  for (const auto& p : points)
    flat.emplace_back(static_cast<float>(p[0]), static_cast<float>(p[1]));
  std::vector<cv::Point2f> hull;
  cv::convexHull(flat, hull);
  std::vector<cv::Vec2d> out;
  for (const auto& p : hull) out.emplace_back(p.x, p.y);
  return out;
}

/// Moves both superior corners towards the hull's edge that bridges the endplate.
void slide_to_rim_line(const std::vector<cv::Vec2d>& hull, cv::Vec2d& post, cv::Vec2d& ant) {
  const cv::Vec2d along = unit(ant - post);
  const cv::Vec2d across(-along[1], along[0]);
  const cv::Vec2d middle = (post + ant) * 0.5;
  double best = -std::numeric_limits<double>::infinity();
  cv::Vec2d on_line = middle;
  cv::Vec2d direction = along;
  for (std::size_t i = 0; i < hull.size(); ++i) {
    const cv::Vec2d& p = hull[i];
    const cv::Vec2d& q = hull[(i + 1) % hull.size()];
    const double sp = (p - middle).dot(along);
    const double sq = (q - middle).dot(along);
    if ((sp > 0) == (sq > 0)) continue;
    const double height = ((p + q) * 0.5 - middle).dot(across);
    if (height <= best) continue;
    best = height;
    on_line = p;
    direction = unit(q - p);
  }
  for (cv::Vec2d* corner : {&post, &ant}) {
    const cv::Vec2d gap = on_line + direction * (*corner - on_line).dot(direction) - *corner;
    const double length = cv::norm(gap);
    if (length > 0) *corner += gap * (std::min(length, kMaxLineSlideMm) / length);
  }
}

}  // namespace

cv::Vec2d unit(const cv::Vec2d& v) {
  const double n = cv::norm(v);
  return n > 0 ? v * (1 / n) : v;
}

SagittalCorners find_corners(const std::vector<cv::Vec2d>& points_mm) {
  const auto hull = convex_hull(points_mm);
  if (hull.size() < 4)
    throw Error(ErrorKind::internal, "find corners: expected a body, found no area");
  const double diagonal = std::sqrt(0.5);
  SagittalCorners c{support(hull, {-diagonal, diagonal}), support(hull, {diagonal, diagonal}),
                    support(hull, {-diagonal, -diagonal}), support(hull, {diagonal, -diagonal})};
  for (int i = 0; i < 8; ++i) {
    const cv::Vec2d sup = unit(c.sup_ant - c.sup_post);
    const cv::Vec2d inf = unit(c.inf_ant - c.inf_post);
    const cv::Vec2d post = unit(c.sup_post - c.inf_post);
    const cv::Vec2d ant = unit(c.sup_ant - c.inf_ant);
    c = {support(hull, unit(post - sup)), support(hull, unit(ant + sup)),
         support(hull, unit(-post - inf)), support(hull, unit(-ant + inf))};
  }
  slide_to_rim_line(hull, c.sup_post, c.sup_ant);
  return c;
}

}  // namespace spine::sim
