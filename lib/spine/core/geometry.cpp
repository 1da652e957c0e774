#include "spine/core/geometry.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "spine/core/statistics.h"

namespace spine {

namespace {

double tukey_weight(double residual, double scale) {
  const double u = residual / (4.685 * scale);
  if (std::abs(u) >= 1) return 0;
  const double v = 1 - u * u;
  return v * v;
}

std::optional<Line> fit_line_weighted(std::span<const cv::Point2d> points,
                                      std::span<const double> weights) {
  double sum = 0;
  cv::Point2d mean(0, 0);
  for (std::size_t i = 0; i < points.size(); ++i) {
    sum += weights[i];
    mean += weights[i] * points[i];
  }
  if (sum <= 0) return std::nullopt;
  mean *= 1 / sum;
  double sxx = 0, sxy = 0, syy = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const cv::Point2d d = points[i] - mean;
    sxx += weights[i] * d.x * d.x;
    sxy += weights[i] * d.x * d.y;
    syy += weights[i] * d.y * d.y;
  }
  if (sxx + syy <= 1e-18) return std::nullopt;
  const double angle = 0.5 * std::atan2(2 * sxy, sxx - syy);
  return Line{mean, {std::cos(angle), std::sin(angle)}};
}

// Random sampling: number of candidate shapes, number of points they are scored on, and number of
// re-weighted iterations.
constexpr int kTrials = 100;
constexpr std::size_t kJudges = 120;
constexpr int kIterations = 25;

/// Deterministic sequence of indices below `count`; every fit uses the same sequence.
class Sampler {
 public:
  explicit Sampler(std::size_t count) : count_(count) {}
  std::size_t next() {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::size_t>(state_ >> 33U) % count_;
  }

 private:
  std::size_t count_;
  std::uint64_t state_ = 1;
};

template <typename Shape>
struct Start {
  Shape shape;
  double median_residual = 0;
};

/// Scale of an iteration: decreases from the start's residual to the requested one, so that a poor
/// start can be abandoned.
double annealed(double scale, double median_residual, int iteration) {
  return std::max(scale, 3 * median_residual * std::pow(0.6, iteration));
}

/// Least median of squares (Rousseeuw 1984) over the shapes that `propose` generates; robust to up
/// to half of the points being outliers.
template <typename Shape, typename Propose, typename Residual>
std::optional<Start<Shape>> least_median(std::span<const cv::Point2d> points, Propose propose,
                                         Residual residual) {
  const std::size_t stride = std::max<std::size_t>(1, points.size() / kJudges);
  std::optional<Start<Shape>> best;
  std::vector<double> residuals;
  Sampler sampler(points.size());
  for (int trial = 0; trial < kTrials; ++trial) {
    const std::optional<Shape> shape = propose(sampler);
    if (!shape) continue;
    residuals.clear();
    for (std::size_t i = 0; i < points.size(); i += stride) {
      residuals.push_back(std::abs(residual(*shape, points[i])));
    }
    const double middle = median(residuals);
    if (!best || middle < best->median_residual) best = Start<Shape>{*shape, middle};
  }
  return best;
}

std::optional<Start<Line>> least_median_line(std::span<const cv::Point2d> points) {
  if (points.size() < 2) return std::nullopt;
  const auto propose = [&](Sampler& sampler) -> std::optional<Line> {
    const cv::Point2d a = points[sampler.next()], b = points[sampler.next()];
    const double length = cv::norm(b - a);
    if (!(length > 1e-9)) return std::nullopt;
    return Line{a, (b - a) * (1 / length)};
  };
  return least_median<Line>(points, propose, signed_distance);
}

std::optional<Circle> circle_through(cv::Point2d a, cv::Point2d b, cv::Point2d c) {
  const cv::Point2d u = b - a, v = c - a;
  const double twice_area = u.cross(v);
  if (std::abs(twice_area) < 1e-6 * (u.dot(u) + v.dot(v)) || twice_area == 0) return std::nullopt;
  const cv::Point2d center((v.y * u.dot(u) - u.y * v.dot(v)) / (2 * twice_area),
                           (u.x * v.dot(v) - v.x * u.dot(u)) / (2 * twice_area));
  return Circle{a + center, cv::norm(center)};
}

std::optional<Start<Circle>> least_median_circle(std::span<const cv::Point2d> points) {
  if (points.size() < 3) return std::nullopt;
  const auto propose = [&](Sampler& sampler) {
    const cv::Point2d a = points[sampler.next()], b = points[sampler.next()];
    return circle_through(a, b, points[sampler.next()]);
  };
  return least_median<Circle>(points, propose, [](const Circle& circle, cv::Point2d p) {
    return cv::norm(p - circle.center) - circle.radius;
  });
}

}  // namespace

double wrap_deg(double deg) {
  const double wrapped = std::remainder(deg, 360.0);
  return wrapped == -180.0 ? 180.0 : wrapped;
}

AnatomicalFrame::AnatomicalFrame(Side anterior, const std::optional<Spacing>& spacing)
    : x_scale_(spacing ? spacing->col_mm : 1.0),
      y_scale_(spacing ? -spacing->row_mm : -1.0),
      in_mm_(spacing && !spacing->relative) {
  if (anterior == Side::left) x_scale_ = -x_scale_;
}

cv::Point2d AnatomicalFrame::to_anatomical(cv::Point2d point_px) const {
  return {point_px.x * x_scale_, point_px.y * y_scale_};
}

cv::Point2d AnatomicalFrame::to_film(cv::Point2d point) const {
  return {point.x / x_scale_, point.y / y_scale_};
}

double AnatomicalFrame::rows_per_column() const { return std::abs(x_scale_ / y_scale_); }

double AnatomicalFrame::length(double px) const { return std::abs(px * x_scale_); }

double angle_between_deg(cv::Point2d from, cv::Point2d to) {
  return deg_from_rad(std::atan2(from.cross(to), from.dot(to)));
}

std::optional<cv::Point2d> intersect(const Line& a, const Line& b) {
  const double cross = a.direction.cross(b.direction);
  if (std::abs(cross) < 1e-9) return std::nullopt;
  const double t = (b.point - a.point).cross(b.direction) / cross;
  return a.point + t * a.direction;
}

double signed_distance(const Line& line, cv::Point2d point) {
  return line.direction.cross(point - line.point);
}

std::optional<Line> fit_line_robust(std::span<const cv::Point2d> points, double scale) {
  const auto start = least_median_line(points);
  if (!start) return std::nullopt;
  Line line = start->shape;
  std::vector<double> weights(points.size(), 1.0);
  for (int iteration = 0; iteration < kIterations; ++iteration) {
    const double s = annealed(scale, start->median_residual, iteration);
    for (std::size_t i = 0; i < points.size(); ++i) {
      weights[i] = tukey_weight(signed_distance(line, points[i]), s);
    }
    const auto next = fit_line_weighted(points, weights);
    if (!next) break;
    const bool same = std::abs(next->direction.cross(line.direction)) < 1e-10 &&
                      std::abs(signed_distance(line, next->point)) < 1e-9 * scale;
    line = *next;
    if (same && s <= scale) break;
  }
  return line;
}

std::optional<Circle> fit_circle_robust(std::span<const cv::Point2d> points, double scale) {
  const auto start = least_median_circle(points);
  if (!start) return std::nullopt;
  cv::Point2d center = start->shape.center;
  double radius = start->shape.radius;
  for (int iteration = 0; iteration < kIterations; ++iteration) {
    const double s = annealed(scale, start->median_residual, iteration);
    cv::Matx33d normal = cv::Matx33d::zeros();
    cv::Vec3d rhs(0, 0, 0);
    for (const auto& p : points) {
      const cv::Point2d d = p - center;
      const double distance = std::sqrt(d.dot(d));
      if (distance < 1e-12) continue;
      const double residual = distance - radius;
      const double w = tukey_weight(residual, s);
      const cv::Vec3d row(d.x / distance, d.y / distance, 1);
      normal += w * (row * row.t());
      rhs += w * residual * row;
    }
    if (std::abs(cv::determinant(normal)) < 1e-9) break;
    const cv::Vec3d step = normal.solve(rhs, cv::DECOMP_LU);
    center += cv::Point2d(step[0], step[1]);
    radius += step[2];
    if (s <= scale && cv::norm(step) < 1e-9 * radius) break;
  }
  if (!(radius > 0) || !std::isfinite(radius)) return std::nullopt;
  return Circle{center, radius};
}

}  // namespace spine
