#include "spine/core/geometry.h"

#include <algorithm>
#include <cmath>

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

}  // namespace

double wrap_deg(double deg) {
  const double wrapped = std::remainder(deg, 360.0);
  return wrapped == -180.0 ? 180.0 : wrapped;
}

AnatomicalFrame::AnatomicalFrame(Side anterior, const std::optional<Spacing>& spacing)
    : x_scale_(spacing ? spacing->col_mm : 1.0),
      y_scale_(spacing ? -spacing->row_mm : -1.0),
      in_mm_(spacing.has_value()) {
  if (anterior == Side::left) x_scale_ = -x_scale_;
}

cv::Point2d AnatomicalFrame::to_anatomical(cv::Point2d point_px) const {
  return {point_px.x * x_scale_, point_px.y * y_scale_};
}

cv::Point2d AnatomicalFrame::to_film(cv::Point2d point) const {
  return {point.x / x_scale_, point.y / y_scale_};
}

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
  if (points.size() < 2) return std::nullopt;
  std::vector<double> weights(points.size(), 1.0);
  auto line = fit_line_weighted(points, weights);
  // Graduated: starts wide so that a tilted first fit is not locked in.
  for (int iteration = 0; line && iteration < 20; ++iteration) {
    const double s = scale * std::max(1.0, 8.0 * std::pow(0.6, iteration));
    for (std::size_t i = 0; i < points.size(); ++i) {
      weights[i] = tukey_weight(signed_distance(*line, points[i]), s);
    }
    const auto next = fit_line_weighted(points, weights);
    if (!next) break;
    line = next;
  }
  return line;
}

std::optional<Circle> fit_circle_robust(std::span<const cv::Point2d> points, double scale) {
  if (points.size() < 3) return std::nullopt;
  cv::Point2d mean(0, 0);
  for (const auto& p : points) mean += p;
  mean *= 1.0 / static_cast<double>(points.size());
  cv::Matx33d ata = cv::Matx33d::zeros();
  cv::Vec3d atb(0, 0, 0);
  for (const auto& p : points) {
    const cv::Point2d d = p - mean;
    const cv::Vec3d row(d.x, d.y, 1);
    ata += row * row.t();
    atb += row * (d.x * d.x + d.y * d.y);
  }
  if (std::abs(cv::determinant(ata)) < 1e-9) return std::nullopt;
  const cv::Vec3d solution = ata.solve(atb, cv::DECOMP_LU);
  cv::Point2d center(solution[0] / 2, solution[1] / 2);
  double radius = std::sqrt(std::max(0.0, solution[2] + center.dot(center)));
  center += mean;

  for (int iteration = 0; iteration < 20; ++iteration) {
    const double s = scale * std::max(1.0, 8.0 * std::pow(0.6, iteration));
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
    if (cv::norm(step) < 1e-9) break;
  }
  if (!(radius > 0) || !std::isfinite(radius)) return std::nullopt;
  return Circle{center, radius};
}

}  // namespace spine
