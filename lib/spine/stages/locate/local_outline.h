#pragma once
#include <optional>
#include <vector>

#include <opencv2/core.hpp>

// Building blocks of the fits to outlines: outlines in the axes of their structure.
namespace spine {

using Points = std::vector<cv::Point2d>;

/// Rotates a vector by an angle in degrees, anti-clockwise in the anatomical frame.
cv::Point2d rotated(cv::Point2d v, double deg);

/// The vector of length 1 in the same direction.
cv::Point2d unit(cv::Point2d v);
/// Angle between two vectors, 0 to 180 degrees.
double angle_deg(cv::Point2d a, cv::Point2d b);
/// Mean of points, of which there must be one.
cv::Point2d mean(const Points& points);

/// Axes of a structure in the anatomical frame: u forwards, v towards the head; unit vectors.
struct Axes {
  cv::Point2d origin, u, v;
  static Axes with_forward(cv::Point2d origin, cv::Point2d u) { return {origin, u, {-u.y, u.x}}; }
  static Axes with_up(cv::Point2d origin, cv::Point2d v) { return {origin, {v.y, -v.x}, v}; }
  [[nodiscard]] cv::Point2d to_local(cv::Point2d p) const {
    return {(p - origin).dot(u), (p - origin).dot(v)};
  }
  [[nodiscard]] cv::Point2d from_local(cv::Point2d p) const { return origin + p.x * u + p.y * v; }
};

/// Transforms points from the anatomical frame to local axes.
Points to_local(const Points& points, const Axes& axes);

/// An interval of one coordinate.
struct Range {
  double low = 0, high = 0;
  [[nodiscard]] double at(double fraction) const { return low + fraction * (high - low); }
  [[nodiscard]] double length() const { return high - low; }
};

/// Extents of points along u and v; `local` must not be empty.
Range range_u(const Points& local);
Range range_v(const Points& local);

/// The side of an outline that faces +v (`sign` 1) or -v (-1): the outermost point of each of
/// `bins` slices of `u`. Slices without points are skipped.
Points plate_side(const Points& local, double sign, const Range& u, int bins = 90);
/// The same for the side that faces +u or -u, over slices of `v`.
Points wall_side(const Points& local, double sign, const Range& v, int bins = 90);

/// v = a + b u: straight line of a cranial or caudal side.
struct Slope {
  double a = 0, b = 0;
  [[nodiscard]] double at(double u) const { return a + b * u; }
};

/// Residual scale of a side, as a fraction of the depth of its structure: admits concave sides,
/// rejects spurs.
inline constexpr double kSideScale = 0.035;

/// Robust line (fit_line_robust) of such a side.
/// @param scale  residual scale, as for fit_line_robust
/// @returns nullopt when the side is steeper than 60 degrees or too short
std::optional<Slope> fit_slope(const Points& side, double scale);

/// Anterior or posterior wall of a body: a straight line u = u0 + slope v, and the offset by which
/// the wall flares towards each endplate.
struct Wall {
  double u0 = 0, slope = 0;
  double flare_top = 0, flare_bottom = 0;
};

/// Robust line of a wall's side. The flares are medians over bands near the endplates (10–28 % and
/// 72–90 % of the range `v`), which osteophytes at the rims rarely reach.
/// @returns nullopt when the side is too flat or too short
std::optional<Wall> fit_wall(const Points& side, const Range& v, double scale);

/// Intersection of a wall, offset by `flare`, with the line of an endplate.
cv::Point2d crossing(const Wall& wall, double flare, const Slope& plate);

/// The outline's outermost point along the unit vector `outwards` among those within `reach` of
/// `near`: the mean of all within `tolerance` of the outermost. nullopt without points in reach.
std::optional<cv::Point2d> outermost(const Points& local, cv::Point2d near, double reach,
                                     cv::Point2d outwards, double tolerance);

}  // namespace spine
