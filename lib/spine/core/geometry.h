#pragma once
#include <numbers>
#include <optional>
#include <span>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/core/image.h"
#include "spine/core/structure.h"

namespace spine {

inline constexpr double kPi = std::numbers::pi;
constexpr double deg_from_rad(double rad) { return rad * 180.0 / std::numbers::pi; }
constexpr double rad_from_deg(double deg) { return deg * std::numbers::pi / 180.0; }

/// The equivalent angle in (-180, 180] degrees.
double wrap_deg(double deg);

/// Transform between film pixels and the anatomical frame (stages/README.md): x anterior, y up.
/// Units are millimetres if the spacing is known, otherwise pixel widths; pixels of unknown spacing
/// are assumed square.
class AnatomicalFrame {
 public:
  /// @param anterior  side of the film towards which the patient faces
  AnatomicalFrame(Side anterior, const std::optional<Spacing>& spacing);
  [[nodiscard]] cv::Point2d to_anatomical(cv::Point2d point_px) const;
  [[nodiscard]] cv::Point2d to_film(cv::Point2d point) const;
  [[nodiscard]] bool in_mm() const noexcept { return in_mm_; }
  /// Ratio of pixel width to pixel height: the number of rows that span one pixel width.
  [[nodiscard]] double rows_per_column() const;
  /// Length, in the frame's unit, of `px` pixels along a row.
  [[nodiscard]] double length(double px) const;

 private:
  double x_scale_, y_scale_;
  bool in_mm_;
};

/// Signed angle in degrees from vector `from` to vector `to`, counter-clockwise positive in a frame
/// with y up; in (-180, 180].
double angle_between_deg(cv::Point2d from, cv::Point2d to);

/// A straight line through `point` along the unit vector `direction`.
struct Line {
  cv::Point2d point;
  cv::Point2d direction;
};

/// Intersection of two lines; nullopt if they are parallel within 1e-9 rad.
std::optional<cv::Point2d> intersect(const Line& a, const Line& b);
/// Signed distance of a point from a line, in the points' unit; positive to the left of its
/// direction (y up).
double signed_distance(const Line& line, cv::Point2d point);

/// Total least-squares line with Tukey weights (iteratively re-weighted; Huber 1981, ch. 7),
/// started from the least median of squares (Rousseeuw 1984). Tolerates up to half of the points as
/// outliers. Deterministic.
/// @param scale  residual scale in the points' unit; points beyond about 4.7 times this have zero
///     weight
/// @returns nullopt for fewer than two distinct points
std::optional<Line> fit_line_robust(std::span<const cv::Point2d> points, double scale);

/// A circle, in the unit and frame of the points it was fitted to.
struct Circle {
  cv::Point2d center;
  double radius = 0;
};
/// Robust geometric circle fit: Gauss–Newton with Tukey weights, started from the least median of
/// squares. Deterministic.
/// @param scale  as for fit_line_robust()
/// @returns nullopt for fewer than three points or collinear points
std::optional<Circle> fit_circle_robust(std::span<const cv::Point2d> points, double scale);

}  // namespace spine
