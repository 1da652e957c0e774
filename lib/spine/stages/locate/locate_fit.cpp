// Landmarks by robust fits on sub-pixel outlines. All geometry is done in the anatomical frame
// (millimetres where the spacing is known), so that anisotropic pixels are honoured.
//
// Vertebral bodies: the axes are initialised by the course of the spine and refined on the body's
// own endplates. The four sides are the envelopes of the outline along these axes: two endplates
// and two walls, whose robust lines intersect near the corners. The definition of the corners
// depends on the projection:
// - An endplate that bulges, because the beam meets it at an angle, is fitted by a model
//   (convex_endplate.h). Its corners lie on the model's base, where the walls end.
// - Otherwise corners are the points where the outline's tangent bisects endplate and wall;
//   superior ones are moved onto the line that touches both rims.
// Results are blended between the two cases. Where an osteophyte protrudes beyond wall or endplate,
// the intersection of the fitted sides is used instead. Finally both endplates are rotated by the
// endplate angle correction (contour_profile.h).
//
// Sacrum: only the cranial side is fitted, in the axes of the endplate above it, as a bulging
// endplate. Femoral heads: robust circles.
#include <algorithm>
#include <array>
#include <cmath>

#include <opencv2/imgproc.hpp>

#include "spine/stages/locate/contour_profile.h"
#include "spine/stages/locate/convex_endplate.h"
#include "spine/stages/locate/local_outline.h"
#include "spine/stages/locate/locate_methods.h"
#include "spine/stages/locate/sacral_endplate.h"
#include "spine/stages/segment/head_circles.h"

namespace spine {

namespace {

// Fractions of a body's depth.
constexpr double kSpur = 0.035;       // larger protrusions are spurs
constexpr double kWorn = 0.11;        // larger insets are worn or blurred corners
constexpr double kMaxRimLift = 0.02;  // from a superior corner up to the line through the rims
// Usual and maximum distance of a corner from the extrapolated middle part of the wall; corners
// beyond the maximum are displaced by an osteophyte.
constexpr double kUsualFlare = 0.08, kMaxFlare = 0.12;

// Maximum deviation of a body's axis from the course of the spine through its neighbours.
constexpr double kMaxTiltDeg = 35;

// Maximum angle between an endplate and the robust line through its middle part.
constexpr double kMaxEndplateAngleDeg = 12;

// Mean increase of endplate inclination per level, down to S1.
constexpr double kTiltPerLevelDeg = 14;
constexpr double kUsualSacralSlopeDeg = 40;

// Limits of the length of S1 relative to the bodies' endplates; wide, because pixels may be
// anisotropic without a spacing tag.
constexpr std::array<double, 2> kSacralLength{0.3, 1.6};

/// A body in its axes, and its four sides.
struct Sides {
  Axes axes;
  Points local;
  Range u, v;
  Slope top, bottom;
  Wall front, back;
};

/// Number of slices for `share` of a body's depth: about the number of outline points there, so
/// that low-resolution films leave no slice empty.
int slices(const Sides& s, double share) {
  const double outline = 2 * (s.u.length() + s.v.length());
  const double here = static_cast<double>(s.local.size()) * share * s.u.length() / outline;
  return std::clamp(static_cast<int>(here), 12, 90);
}

/// Whether one side is cropped by the film's edge, so that both envelopes coincide.
bool is_cropped(const Points& top, const Points& bottom, int slices, double depth) {
  const auto half = static_cast<std::size_t>(slices / 2);
  return top.size() < half || bottom.size() < half || mean(top).y - mean(bottom).y < 0.2 * depth;
}

std::optional<Sides> fit_sides(const Points& points, const Axes& axes) {
  Sides s{axes, to_local(points, axes), {}, {}, {}, {}, {}, {}};
  s.u = range_u(s.local);
  s.v = range_v(s.local);
  const double scale = kSideScale * s.u.length();
  const Range mid_u{s.u.at(0.16), s.u.at(0.84)}, mid_v{s.v.at(0.08), s.v.at(0.92)};
  const int bins = slices(s, 0.68);
  const Points top = plate_side(s.local, 1, mid_u, bins),
               bottom = plate_side(s.local, -1, mid_u, bins);
  if (is_cropped(top, bottom, bins, s.u.length())) return std::nullopt;
  const auto top_slope = fit_slope(top, scale), bottom_slope = fit_slope(bottom, scale);
  const auto front = fit_wall(wall_side(s.local, 1, mid_v), s.v, scale);
  const auto back = fit_wall(wall_side(s.local, -1, mid_v), s.v, scale);
  if (!top_slope || !bottom_slope || !front || !back) return std::nullopt;
  s.top = *top_slope;
  s.bottom = *bottom_slope;
  s.front = *front;
  s.back = *back;
  return s;
}

/// Direction of the side of the minimum-area rectangle that is nearest to a guess; the guess itself
/// where no side is within kMaxTiltDeg, as for nearly round outlines.
cv::Point2d rectangle_up(const Points& points, cv::Point2d guess) {
  std::vector<cv::Point2f> single;
  for (const auto& p : points) single.emplace_back(p);
  const double rect_deg = cv::minAreaRect(single).angle;
  for (int quarter = 0; quarter < 4; ++quarter) {
    const cv::Point2d side = rotated({1, 0}, rect_deg + 90 * quarter);
    if (angle_deg(side, guess) <= kMaxTiltDeg) return side;
  }
  return guess;
}

/// Fits the sides of a body. The minimum-area rectangle and the course of the spine initialise its
/// direction, which is then refined on the fitted endplates.
std::optional<Sides> fit_body(const Points& points, cv::Point2d up_guess) {
  cv::Point2d up = rectangle_up(points, up_guess);
  std::optional<Sides> sides;
  for (int i = 0; i < 4; ++i) {
    sides = fit_sides(points, Axes::with_up(mean(points), up));
    if (!sides) return std::nullopt;
    const double tilt = 0.5 * (std::atan(sides->top.b) + std::atan(sides->bottom.b));
    const cv::Point2d better = unit(sides->axes.v - std::tan(tilt) * sides->axes.u);
    if (std::abs(tilt) < 1e-4 || angle_deg(better, up_guess) > kMaxTiltDeg) break;
    up = better;
  }
  return sides;
}

/// Intersection of two fitted sides of a body, and their outward bisector.
struct Crossing {
  cv::Point2d point, outwards;
};

Crossing crossing_of(cv::Point2d here, cv::Point2d along_wall, cv::Point2d along_plate) {
  return {here, unit(unit(here - along_wall) + unit(here - along_plate))};
}

/// The 45-degree point of a corner. At a spur or a worn corner a point at a fixed inset on the
/// bisector is used instead.
cv::Point2d bisecting_corner(const Sides& s, const Crossing& at) {
  const double depth = s.u.length();
  const auto found = outermost(s.local, at.point, 0.25 * depth, at.outwards, 0.002 * depth);
  const double inset = found ? (at.point - *found).dot(at.outwards) / depth : 1;
  if (found && inset > -kSpur && inset < kWorn) return *found;
  return at.point - std::clamp(inset, 0.01, 0.03) * depth * at.outwards;
}

/// Moves two superior corners up to the supporting line of the outline between them, which touches
/// it once in each half.
void touch_rims(const Sides& s, cv::Point2d& post, cv::Point2d& ant) {
  const double depth = ant.x - post.x;
  const Points top = plate_side(s.local, 1, {post.x, ant.x}, 180);
  if (depth <= 0 || top.size() < 8) return;
  double rise = (ant.y - post.y) / depth;
  cv::Point2d left = post, right = ant;
  for (int i = 0; i < 5; ++i) {
    double best_left = -1e300, best_right = -1e300;
    for (const auto& p : top) {
      const double height = p.y - rise * p.x;
      const bool is_left = p.x < 0.5 * (post.x + ant.x);
      double& best = is_left ? best_left : best_right;
      if (height <= best) continue;
      best = height;
      (is_left ? left : right) = p;
    }
    if (right.x - left.x < 0.3 * depth) return;
    rise = (right.y - left.y) / (right.x - left.x);
  }
  for (cv::Point2d* corner : {&post, &ant}) {
    const double line = left.y + rise * (corner->x - left.x);
    corner->y += std::clamp(line - corner->y, 0.0, kMaxRimLift * depth);
  }
}

/// Retracts a corner that was displaced outwards by an osteophyte along its endplate. `forwards` is
/// 1 at the anterior wall and -1 at the posterior one.
void retract_to_wall(cv::Point2d& corner, cv::Point2d other_end, const Slope& wall, double forwards,
                     double depth) {
  const double course = wall.at(corner.y);  // u of the extrapolated wall
  if (forwards * (corner.x - course) <= kMaxFlare * depth) return;
  const double u = course + forwards * kUsualFlare * depth;
  const double rise = (corner.y - other_end.y) / (corner.x - other_end.x);
  corner = {u, corner.y + rise * (u - corner.x)};
}

/// The straight course u(v) of the middle part of a wall.
std::optional<Slope> middle_course(const Sides& s, double forwards) {
  Points side = wall_side(s.local, forwards, {s.v.at(0.3), s.v.at(0.7)});
  for (auto& p : side) std::swap(p.x, p.y);
  return fit_slope(side, kSideScale * s.u.length());
}

/// Whether two points are plausible ends of the endplate with this robust line.
bool is_valid(const Sides& s, const Slope& line, cv::Point2d post, cv::Point2d ant) {
  const double depth = s.u.length(), width = ant.x - post.x;
  if (width < 0.5 * depth || width > 1.2 * depth) return false;
  const double angle = std::atan((ant.y - post.y) / width) - std::atan(line.b);
  return std::abs(deg_from_rad(angle)) <= kMaxEndplateAngleDeg;
}

/// Replaces invalid corners, found on a ragged outline, by the intersections of the fitted sides,
/// or by points on the line itself where those are invalid too.
void keep_valid(const Sides& s, const Slope& line, cv::Point2d post_crossing,
                cv::Point2d ant_crossing, cv::Point2d& post, cv::Point2d& ant) {
  if (is_valid(s, line, post, ant)) return;
  post = post_crossing;
  ant = ant_crossing;
  if (is_valid(s, line, post, ant)) return;
  const auto on_line = [&](double u) { return cv::Point2d(u, line.at(u)); };
  post = on_line(s.u.at(0.08));
  ant = on_line(s.u.at(0.92));
}

struct LocalCorners {
  cv::Point2d sup_post, sup_ant, inf_post, inf_ant;
};

LocalCorners body_corners(const Sides& s) {
  const LocalCorners x{crossing(s.back, s.back.flare_top, s.top),
                       crossing(s.front, s.front.flare_top, s.top),
                       crossing(s.back, s.back.flare_bottom, s.bottom),
                       crossing(s.front, s.front.flare_bottom, s.bottom)};
  LocalCorners c;
  c.sup_post = bisecting_corner(s, crossing_of(x.sup_post, x.inf_post, x.sup_ant));
  c.sup_ant = bisecting_corner(s, crossing_of(x.sup_ant, x.inf_ant, x.sup_post));
  c.inf_post = bisecting_corner(s, crossing_of(x.inf_post, x.sup_post, x.inf_ant));
  c.inf_ant = bisecting_corner(s, crossing_of(x.inf_ant, x.sup_ant, x.inf_post));
  touch_rims(s, c.sup_post, c.sup_ant);
  fit_convex_endplate(s.local, 1, kBodyPlate, kSuperiorRule, c.sup_post, c.sup_ant);
  fit_convex_endplate(s.local, -1, kBodyPlate, kInferiorRule, c.inf_post, c.inf_ant);
  keep_valid(s, s.top, x.sup_post, x.sup_ant, c.sup_post, c.sup_ant);
  keep_valid(s, s.bottom, x.inf_post, x.inf_ant, c.inf_post, c.inf_ant);
  const double depth = std::min(c.sup_ant.x - c.sup_post.x, c.inf_ant.x - c.inf_post.x);
  if (const auto front = middle_course(s, 1)) {
    retract_to_wall(c.sup_ant, c.sup_post, *front, 1, depth);
    retract_to_wall(c.inf_ant, c.inf_post, *front, 1, depth);
  }
  if (const auto back = middle_course(s, -1)) {
    retract_to_wall(c.sup_post, c.sup_ant, *back, -1, depth);
    retract_to_wall(c.inf_post, c.inf_ant, *back, -1, depth);
  }
  return c;
}

class Fitter {
 public:
  explicit Fitter(const LocateInput& input) : input_(input) {}

  LocateMethodResult run() {
    LocateMethodResult result;
    for (std::size_t level = 0; level < kLumbarCount; ++level) {
      if (input_.regions[level]) result.vertebrae[level] = vertebra(level);
    }
    if (const auto& region = input_.regions[index(Structure::S)]) {
      result.s1 = sacrum(*region, result);
    }
    for (std::size_t i = 0; i < 2; ++i) {
      const auto& region = input_.regions[index(Structure::F1) + i];
      if (region) result.heads[i] = fit_head(*region, input_.film, input_.frame);
    }
    return result;
  }

 private:
  [[nodiscard]] Points outline(const Region& region) const {
    return anatomical_outline(region, input_.film, input_.frame);
  }

  [[nodiscard]] Endplate on_film(const Endplate& plate) const {
    return {input_.frame.to_film(plate.post), input_.frame.to_film(plate.ant)};
  }

  [[nodiscard]] std::optional<VertebraCorners> vertebra(std::size_t level) const {
    const Points points = outline(*input_.regions[level]);
    if (points.size() < 40) return std::nullopt;
    const auto sides = fit_body(points, input_.up[level]);
    if (!sides) return std::nullopt;
    const LocalCorners c = body_corners(*sides);
    const auto from_local = [&](cv::Point2d p) { return sides->axes.from_local(p); };
    VertebraCorners corners{{from_local(c.sup_post), from_local(c.sup_ant)},
                            {from_local(c.inf_post), from_local(c.inf_ant)}};
    if (input_.correct_endplates) {
      const EndplateCorrections corrections =
          default_endplate_corrections(contour_profile(points, corners));
      corners.sup = rotated(corners.sup, corrections.sup_deg);
      corners.inf = rotated(corners.inf, corrections.inf_deg);
    }
    return VertebraCorners{on_film(corners.sup), on_film(corners.inf)};
  }

  /// Candidate anterior directions along the S1 endplate, best first: from the endplate above it,
  /// from the course of the spine there, and the population mean.
  [[nodiscard]] Points sacral_directions(const LocateMethodResult& found) const {
    Points directions;
    for (std::size_t level = kLumbarCount; level-- > 0;) {
      if (!found.vertebrae[level]) continue;
      const Endplate& plate = found.vertebrae[level]->inf;
      const cv::Point2d along =
          input_.frame.to_anatomical(plate.ant) - input_.frame.to_anatomical(plate.post);
      const cv::Point2d up = input_.up[level];
      const double tilt = -kTiltPerLevelDeg * static_cast<double>(kLumbarCount - level);
      directions.push_back(rotated(unit(along), tilt));
      directions.push_back(rotated({up.y, -up.x}, tilt));
      break;
    }
    directions.push_back(rotated({1, 0}, -kUsualSacralSlopeDeg));
    return directions;
  }

  /// Mean length of the bodies' endplates in the anatomical frame; nullopt without any.
  [[nodiscard]] std::optional<double> endplate_length(const LocateMethodResult& found) const {
    double sum = 0;
    int count = 0;
    for (const auto& body : found.vertebrae) {
      if (!body) continue;
      for (const Endplate& plate : {body->sup, body->inf}) {
        sum += cv::norm(input_.frame.to_anatomical(plate.ant) -
                        input_.frame.to_anatomical(plate.post));
        ++count;
      }
    }
    if (count == 0) return std::nullopt;
    return sum / count;
  }

  /// Fits S1 with the first candidate direction that gives an endplate of plausible length.
  [[nodiscard]] std::optional<Endplate> sacrum(const Region& region,
                                               const LocateMethodResult& found) const {
    const Points points = outline(region);
    if (points.size() < 60) return std::nullopt;
    const double size = input_.frame.length(std::sqrt(region.area_px));
    const auto usual = endplate_length(found);
    for (const cv::Point2d direction : sacral_directions(found)) {
      SacralEndplate plate(points, size, direction);
      if (!plate.find_ends()) continue;
      plate.fit_convex();
      plate.project_on_line();
      const double ratio = usual ? plate.length() / *usual : 1;
      if (ratio < kSacralLength[0] || ratio > kSacralLength[1]) continue;
      return on_film(plate.ends());
    }
    return std::nullopt;
  }

  const LocateInput& input_;
};

}  // namespace

LocateMethodResult locate_fit(const LocateInput& input) { return Fitter(input).run(); }

}  // namespace spine
