#pragma once
#include <optional>
#include <vector>

#include <opencv2/core.hpp>

// Pieces that locate_fit.cpp puts together: an outline in the axes of its structure.
namespace spine {

using Points = std::vector<cv::Point2d>;

/// A vector turned anti-clockwise in the anatomical frame.
cv::Point2d turned(cv::Point2d v, double deg);

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

Points to_local(const Points& points, const Axes& axes);

struct Range {
  double low = 0, high = 0;
  [[nodiscard]] double at(double fraction) const { return low + fraction * (high - low); }
  [[nodiscard]] double length() const { return high - low; }
};

/// Extents of points along u and v.
Range range_u(const Points& local);
Range range_v(const Points& local);

/// The side of an outline that faces +v (`sign` 1) or -v (-1): of each of `bins` slices of `u` the
/// outermost point. Slices without points are left out.
Points plate_side(const Points& local, double sign, const Range& u, int bins = 90);
/// The same for the side that faces +u or -u, over slices of `v`.
Points wall_side(const Points& local, double sign, const Range& v, int bins = 90);

/// v = a + b u: the straight line of a side that faces the head or the feet.
struct Slope {
  double a = 0, b = 0;
  [[nodiscard]] double at(double u) const { return a + b * u; }
};

/// Robust line (fit_line_robust) of such a side; nullopt when it is too steep or too short.
std::optional<Slope> fit_slope(const Points& side, double scale);

/// A wall: a straight course u = u0 + slope v, and how far it flares out towards each endplate.
struct Wall {
  double u0 = 0, slope = 0;
  double flare_top = 0, flare_bottom = 0;
};

/// Robust line of a wall's side; the flares are medians over bands near the endplates (10–28 % and
/// 72–90 % of the range `v`), which a spur at the rim hardly reaches.
std::optional<Wall> fit_wall(const Points& side, const Range& v, double scale);

/// Where a wall, flared by `flare`, meets an endplate's line.
cv::Point2d crossing(const Wall& wall, double flare, const Slope& plate);

/// The outline's outermost point along the unit vector `outwards` among those within `reach` of
/// `near`: the mean of all within `tolerance` of the outermost.
std::optional<cv::Point2d> outermost(const Points& local, cv::Point2d near, double reach,
                                     cv::Point2d outwards, double tolerance);

}  // namespace spine
