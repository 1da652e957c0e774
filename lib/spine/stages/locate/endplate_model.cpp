#include "spine/stages/locate/endplate_model.h"

#include <algorithm>
#include <cmath>

namespace spine {

double half_width(const PlateShape& shape, double t) {
  const bool behind = t < shape.widest;
  const double x =
      behind ? (shape.widest - t) / (1 + shape.widest) : (t - shape.widest) / (1 - shape.widest);
  if (x >= 1) return 0;
  const double p = behind ? shape.bluntness_post : shape.bluntness_ant;
  return std::pow(1 - std::pow(x, p), 1 / p);
}

namespace {

/// Base at the middle, slope per half depth, bulge; nullopt when the points do not determine them.
std::optional<cv::Vec3d> solve(const Points& profile, const std::vector<cv::Vec3d>& rows,
                               bool arched, double scale) {
  cv::Vec3d x(0, 0, 0);
  for (int iteration = 0; iteration < 12; ++iteration) {
    // Wide in the first iterations, so that the result does not depend on the starting point.
    const double cut = 4.685 * scale * std::max(1.0, 8.0 * std::pow(0.5, iteration));
    cv::Matx33d normal = cv::Matx33d::zeros();
    cv::Vec3d rhs(0, 0, 0);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      cv::Vec3d row = rows[i];
      if (!arched) row[2] = 0;
      const double residual = iteration == 0 ? 0 : (profile[i].y - row.dot(x)) / cut;
      if (std::abs(residual) >= 1) continue;
      const double w = std::pow(1 - residual * residual, 2);
      normal += w * (row * row.t());
      rhs += w * profile[i].y * row;
    }
    if (!arched) normal(2, 2) = 1;
    if (std::abs(cv::determinant(normal)) < 1e-12) return std::nullopt;
    x = normal.solve(rhs, cv::DECOMP_LU);
  }
  return x;
}

}  // namespace

std::optional<TiltedPlate> fit_tilted_plate(const Points& profile, const PlateShape& shape,
                                            double post, double ant, double scale) {
  const double middle = 0.5 * (post + ant), half = 0.5 * (ant - post);
  if (half <= 0 || profile.size() < 12) return std::nullopt;
  std::vector<cv::Vec3d> rows;
  for (const auto& p : profile) {
    const double t = (p.x - middle) / half;
    rows.emplace_back(1, t, half_width(shape, t));
  }
  auto x = solve(profile, rows, true, scale);
  if (x && (*x)[2] < 0) x = solve(profile, rows, false, scale);
  if (!x) return std::nullopt;
  double square = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    square += std::pow(profile[i].y - rows[i].dot(*x), 2);
  }
  return TiltedPlate{{(*x)[0] - (*x)[1] * middle / half, (*x)[1] / half},
                     (*x)[2],
                     std::sqrt(square / static_cast<double>(rows.size()))};
}

}  // namespace spine
