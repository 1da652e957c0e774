// Landmarks by robust fits on sub-pixel outlines. All geometry is done in the anatomical frame
// (millimetres where the spacing is known), so that anisotropic pixels are honoured.
//
// A body: its axes come from the course of the spine and are refined on its own endplates; the four
// sides are the envelopes of the outline along these axes. Walls are fitted by a robust parabola
// (waist), which a spur at a rim does not bend. Each corner is the point where the outline's
// tangent bisects endplate and wall; superior ones are moved onto the line that touches both rims.
// Where a spur stands out beyond wall or endplate, the crossing of the fitted sides stands in.
//
// The sacrum: only its cranial side is read, in the axes of the endplate above it.
#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

#include "spine/stages/locate_methods.h"

namespace spine {

namespace {

using Points = std::vector<cv::Point2d>;

cv::Point2d unit(cv::Point2d v) { return v * (1 / cv::norm(v)); }

/// Axes of a body: u forwards, v towards the head.
struct Axes {
  cv::Point2d origin, u, v;
  static Axes with_up(cv::Point2d origin, cv::Point2d up) { return {origin, {up.y, -up.x}, up}; }
  [[nodiscard]] cv::Point2d to_local(cv::Point2d p) const {
    return {(p - origin).dot(u), (p - origin).dot(v)};
  }
  [[nodiscard]] cv::Point2d from_local(cv::Point2d p) const { return origin + p.x * u + p.y * v; }
};

Points to_local(const Points& points, const Axes& axes) {
  Points local;
  local.reserve(points.size());
  for (const auto& p : points) local.push_back(axes.to_local(p));
  return local;
}

struct Range {
  double low, high;
  [[nodiscard]] double at(double fraction) const { return low + fraction * (high - low); }
  [[nodiscard]] double length() const { return high - low; }
};

Range range_of(const Points& points, double cv::Point2d::*axis) {
  const auto [low, high] =
      std::minmax_element(points.begin(), points.end(),
                          [&](const auto& a, const auto& b) { return a.*axis < b.*axis; });
  return {(*low).*axis, (*high).*axis};
}

/// A side of the outline: in each of `bins` slices of `range` along one axis, the outermost point
/// along the other (`sign` +1 or -1). Slices without points are left out.
Points envelope(const Points& local, double cv::Point2d::*along, double cv::Point2d::*across,
                double sign, const Range& range, int bins) {
  std::vector<std::optional<cv::Point2d>> best(static_cast<std::size_t>(bins));
  for (const auto& p : local) {
    const double t = (p.*along - range.low) / range.length();
    if (t < 0 || t >= 1) continue;
    auto& b = best[static_cast<std::size_t>(t * bins)];
    if (!b || sign * (p.*across) > sign * ((*b).*across)) b = p;
  }
  Points side;
  for (const auto& b : best) {
    if (b) side.push_back(*b);
  }
  return side;
}

constexpr auto kU = &cv::Point2d::x;
constexpr auto kV = &cv::Point2d::y;
constexpr int kBins = 90;

/// A wall: a straight course, and how far it flares out towards each endplate.
struct Wall {
  double u0 = 0, slope = 0;  ///< u = u0 + slope v
  double flare_top = 0, flare_bottom = 0;
};

double median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// The flares are medians over bands near the endplates, which a spur at the rim does not reach.
std::optional<Wall> fit_wall(const Points& side, const Range& v, double scale) {
  const auto line = fit_line_robust(side, scale);
  if (!line || std::abs(line->direction.y) < 0.5) return std::nullopt;
  Wall wall;
  wall.slope = line->direction.x / line->direction.y;
  wall.u0 = line->point.x - wall.slope * line->point.y;
  const auto flare = [&](double from, double to) {
    std::vector<double> offsets;
    for (const auto& p : side) {
      if (p.y >= v.at(from) && p.y <= v.at(to)) offsets.push_back(p.x - wall.u0 - wall.slope * p.y);
    }
    return offsets.empty() ? 0.0 : median(offsets);
  };
  wall.flare_bottom = flare(0.1, 0.28);
  wall.flare_top = flare(0.72, 0.9);
  return wall;
}

/// v = a + b u of a side of the outline that runs along u.
struct Slope {
  double a, b;
  [[nodiscard]] double at(double u) const { return a + b * u; }
};

std::optional<Slope> fit_slope(const Points& side, double scale) {
  const auto line = fit_line_robust(side, scale);
  if (!line || std::abs(line->direction.x) < 0.5) return std::nullopt;
  const double b = line->direction.y / line->direction.x;
  return Slope{line->point.y - b * line->point.x, b};
}

/// The four sides of a body in its axes.
struct Sides {
  Axes axes;
  Points local;
  Range u, v;
  Slope top, bottom;
  Wall front, back;
};

double middle_height(const Points& side) {
  std::vector<double> heights;
  for (const auto& p : side) heights.push_back(p.y);
  return median(heights);
}

/// Side lines in given axes; nullopt where a side is missing (cut by the film's edge).
std::optional<Sides> fit_sides(const Points& points, const Axes& axes) {
  Sides s{axes, to_local(points, axes), {}, {}, {}, {}, {}, {}};
  s.u = range_of(s.local, kU);
  s.v = range_of(s.local, kV);
  if (s.u.length() <= 0 || s.v.length() <= 0) return std::nullopt;
  // Wide enough for dish and waist, which are shape; narrow enough for spurs, which are not.
  const double scale = 0.035 * s.u.length();
  const Range mid_u{s.u.at(0.16), s.u.at(0.84)}, mid_v{s.v.at(0.08), s.v.at(0.92)};
  const Points top = envelope(s.local, kU, kV, 1, mid_u, kBins);
  const Points bottom = envelope(s.local, kU, kV, -1, mid_u, kBins);
  if (top.size() < kBins / 2 || bottom.size() < kBins / 2) return std::nullopt;
  // Where the film's edge cuts an endplate off, both envelopes are the other one.
  if (middle_height(top) - middle_height(bottom) < 0.2 * s.u.length()) return std::nullopt;
  const auto top_slope = fit_slope(top, scale), bottom_slope = fit_slope(bottom, scale);
  const auto front = fit_wall(envelope(s.local, kV, kU, 1, mid_v, kBins), s.v, scale);
  const auto back = fit_wall(envelope(s.local, kV, kU, -1, mid_v, kBins), s.v, scale);
  if (!top_slope || !bottom_slope || !front || !back) return std::nullopt;
  s.top = *top_slope;
  s.bottom = *bottom_slope;
  s.front = *front;
  s.back = *back;
  return s;
}

/// Where a wall, flared as towards this endplate, meets the endplate's line.
cv::Point2d crossing(const Wall& wall, double flare, const Slope& plate) {
  const double v = (plate.a + plate.b * (wall.u0 + flare)) / (1 - plate.b * wall.slope);
  return {wall.u0 + flare + wall.slope * v, v};
}

/// The outline's outermost point along `outwards` near `expected`: the mean of those within
/// `tolerance` of the outermost.
std::optional<cv::Point2d> support(const Points& local, cv::Point2d expected, double reach,
                                   cv::Point2d outwards, double tolerance) {
  double most = -1e300;
  for (const auto& p : local) {
    if (cv::norm(p - expected) <= reach) most = std::max(most, p.dot(outwards));
  }
  cv::Point2d sum(0, 0);
  int count = 0;
  for (const auto& p : local) {
    if (cv::norm(p - expected) > reach || p.dot(outwards) < most - tolerance) continue;
    sum += p;
    ++count;
  }
  if (count == 0) return std::nullopt;
  return sum * (1.0 / count);
}

/// The 45-degree point of a corner whose fitted sides cross at `expected`. `wall` runs from the
/// other endplate to this corner, `plate` from the other wall. Where the outline stands out beyond
/// the crossing by more than a little (a spur), or stays far inside (a corner that is worn or
/// blurred away), the point is set on the bisector by rule.
cv::Point2d corner_point(const Sides& s, cv::Point2d expected, cv::Point2d wall,
                         cv::Point2d plate) {
  const cv::Point2d outwards = unit(unit(wall) + unit(plate));
  const double depth = s.u.length();
  const auto found = support(s.local, expected, 0.25 * depth, outwards, 0.002 * depth);
  const double inset = found ? (expected - *found).dot(outwards) / depth : 1;
  if (found && inset > -0.035 && inset < 0.08) return *found;
  return expected - std::clamp(inset, 0.01, 0.03) * depth * outwards;
}

/// An endplate as seen from above: two quarters of superellipses that meet at the widest place,
/// with these exponents. Adjusted to the silhouettes of simulated bodies and sacra.
struct PlateShape {
  double widest, bluntness_post, bluntness_ant;
};
constexpr PlateShape kBodyPlate{-0.15, 3.3, 2.2}, kSacralPlate{-0.15, 2.5, 1.9};

/// Half its width over its place t from the posterior (-1) to the anterior end (1); 1 at its
/// widest.
double half_width(const PlateShape& shape, double t) {
  const double x = t < shape.widest ? (shape.widest - t) / (1 + shape.widest)
                                    : (t - shape.widest) / (1 - shape.widest);
  if (x >= 1) return 0;
  const double p = t < shape.widest ? shape.bluntness_post : shape.bluntness_ant;
  return std::pow(1 - std::pow(x, p), 1 / p);
}

/// An endplate seen somewhat from above or below: its far rim shows beyond the middle of the body,
/// so that the outline is v = base(u) + bulge * half_width(t). Only the base is mid-sagittal.
struct TiltedPlate {
  Slope base;
  double bulge = 0;
};

/// Fits a profile whose v runs outwards between walls at u = post and u = ant.
std::optional<TiltedPlate> fit_tilted_plate(const Points& profile, const PlateShape& shape,
                                            double post, double ant, double scale) {
  const double middle = 0.5 * (post + ant), half = 0.5 * (ant - post);
  if (half <= 0 || profile.size() < 12) return std::nullopt;
  cv::Vec3d x(0, 0, 0);  // base at the middle, rise per half depth, bulge
  bool bulges = true;
  for (int iteration = 0; iteration < 12; ++iteration) {
    const double s = 4.685 * scale * std::max(1.0, 8.0 * std::pow(0.5, iteration));
    cv::Matx33d normal = cv::Matx33d::zeros();
    cv::Vec3d rhs(0, 0, 0);
    for (const auto& p : profile) {
      const double t = (p.x - middle) / half;
      const cv::Vec3d row(1, t, bulges ? half_width(shape, t) : 0);
      const double residual = iteration == 0 ? 0 : (p.y - row.dot(x)) / s;
      if (std::abs(residual) >= 1) continue;
      const double w = std::pow(1 - residual * residual, 2);
      normal += w * (row * row.t());
      rhs += w * p.y * row;
    }
    if (!bulges) normal(2, 2) = 1;
    if (std::abs(cv::determinant(normal)) < 1e-12) return std::nullopt;
    x = normal.solve(rhs, cv::DECOMP_LU);
    if (x[2] < 0) {  // a dish, seen straight on
      bulges = false;
      x[2] = 0;
    }
  }
  return TiltedPlate{{x[0] - x[1] * middle / half, x[1] / half}, x[2]};
}

/// Moves two superior corners onto the line that touches the outline between them from above.
void touch_rims(const Sides& s, cv::Point2d& post, cv::Point2d& ant) {
  const double depth = s.u.length();
  Points top = envelope(s.local, kU, kV, 1, {post.x, ant.x}, 2 * kBins);
  if (top.size() < 8) return;
  // Two support points, one in each half, of the line that leaves all of the outline below it.
  const double limit = 0.012 * depth;
  double b = (ant.y - post.y) / (ant.x - post.x);
  cv::Point2d left = post, right = ant;
  for (int i = 0; i < 5; ++i) {
    const double middle = 0.5 * (post.x + ant.x);
    double best_left = -1e300, best_right = -1e300;
    for (const auto& p : top) {
      const double height = p.y - b * p.x;
      if (p.x < middle && height > best_left) {
        best_left = height;
        left = p;
      }
      if (p.x >= middle && height > best_right) {
        best_right = height;
        right = p;
      }
    }
    if (right.x - left.x < 0.3 * depth) return;
    b = (right.y - left.y) / (right.x - left.x);
  }
  const double a = left.y - b * left.x;
  for (cv::Point2d* corner : {&post, &ant}) {
    corner->y += std::clamp(a + b * corner->x - corner->y, 0.0, limit);
  }
}

/// Axes of the body: the rectangle of least area gives two directions, the course of the spine
/// tells which is up, and the endplates themselves settle it.
std::optional<Sides> fit_body(const Points& points, cv::Point2d up_guess) {
  std::vector<cv::Point2f> single;
  cv::Point2d mean(0, 0);
  for (const auto& p : points) {
    single.emplace_back(static_cast<float>(p.x), static_cast<float>(p.y));
    mean += p;
  }
  mean *= 1.0 / static_cast<double>(points.size());
  const cv::RotatedRect rect = cv::minAreaRect(single);
  cv::Point2d up = up_guess;
  double best = -1;
  for (int quarter = 0; quarter < 4; ++quarter) {
    const double a = rad_from_deg(rect.angle + 90.0 * quarter);
    const cv::Point2d side(std::cos(a), std::sin(a));
    if (side.dot(up_guess) > best) {
      best = side.dot(up_guess);
      up = side;
    }
  }
  std::optional<Sides> sides;
  for (int i = 0; i < 4; ++i) {
    sides = fit_sides(points, Axes::with_up(mean, up));
    if (!sides) return std::nullopt;
    const double tilt = 0.5 * (std::atan(sides->top.b) + std::atan(sides->bottom.b));
    if (std::abs(tilt) < 1e-4) break;
    up = unit(sides->axes.v - std::tan(tilt) * sides->axes.u);
  }
  return sides;
}

struct LocalCorners {
  cv::Point2d sup_post, sup_ant, inf_post, inf_ant;
};

/// Where the outline, near a wall, is at the height of a line: the wall's end when the endplate
/// bulges.
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

/// How far inside the crossing of base and wall a corner's 45-degree point lies, fractions of the
/// depth.
struct Inset {
  double across, along_post, along_ant;
};
constexpr Inset kSuperiorInset{0.006, 0.004, 0.004}, kInferiorInset{0.015, 0.024, 0.024},
    kSacralInset{0.006, -0.008, -0.028};

/// The ends of a tilted endplate: on its base, at the walls. Plates that do not bulge keep theirs.
void tilted_ends(const Points& local, double sign, const PlateShape& shape, const Inset& inset,
                 cv::Point2d& post, cv::Point2d& ant) {
  const double depth = ant.x - post.x;
  const Range range{post.x + 0.06 * depth, ant.x - 0.04 * depth};
  Points profile = envelope(local, kU, kV, sign, range, kBins);
  for (auto& p : profile) p.y *= sign;
  const auto plate = fit_tilted_plate(profile, shape, post.x, ant.x, 0.02 * depth);
  if (!plate) return;
  const Slope line{sign * (plate->base.a - inset.across * depth), sign * plate->base.b};
  const double share = std::clamp((plate->bulge / depth - 0.01) / 0.02, 0.0, 1.0);
  const auto move = [&](cv::Point2d& corner, double forwards) {
    const double u = wall_at(local, line, corner.x, depth) + forwards * depth;
    corner += share * (cv::Point2d(u, line.at(u)) - corner);
  };
  move(post, inset.along_post);
  move(ant, -inset.along_ant);
}

LocalCorners body_corners(const Sides& s) {
  const LocalCorners x{crossing(s.back, s.back.flare_top, s.top),
                       crossing(s.front, s.front.flare_top, s.top),
                       crossing(s.back, s.back.flare_bottom, s.bottom),
                       crossing(s.front, s.front.flare_bottom, s.bottom)};
  LocalCorners c;
  c.sup_post = corner_point(s, x.sup_post, x.sup_post - x.inf_post, x.sup_post - x.sup_ant);
  c.sup_ant = corner_point(s, x.sup_ant, x.sup_ant - x.inf_ant, x.sup_ant - x.sup_post);
  c.inf_post = corner_point(s, x.inf_post, x.inf_post - x.sup_post, x.inf_post - x.inf_ant);
  c.inf_ant = corner_point(s, x.inf_ant, x.inf_ant - x.sup_ant, x.inf_ant - x.inf_post);
  touch_rims(s, c.sup_post, c.sup_ant);
  tilted_ends(s.local, 1, kBodyPlate, kSuperiorInset, c.sup_post, c.sup_ant);
  tilted_ends(s.local, -1, kBodyPlate, kInferiorInset, c.inf_post, c.inf_ant);
  return c;
}

/// Whether a point lies on a region. A head whose centre does not show is less than half there.
bool shows(const Region& region, cv::Point2d point_px) {
  const cv::Point at(cvRound(point_px.x) - region.box.x, cvRound(point_px.y) - region.box.y);
  return cv::Rect({}, region.box.size()).contains(at) && region.mask.at<uchar>(at) != 0;
}

class Fitter {
 public:
  explicit Fitter(const LocateInput& input) : input_(input) {}

  LocateMethodResult run() {
    LocateMethodResult result;
    for (std::size_t level = 0; level < kLumbarCount; ++level) {
      if (input_.regions[level]) result.vertebrae[level] = vertebra(level);
    }
    if (input_.regions[index(Structure::S)]) result.s1 = sacrum(result);
    for (std::size_t i = 0; i < 2; ++i) {
      const auto& region = input_.regions[index(Structure::F1) + i];
      if (region) result.heads[i] = head(*region);
    }
    return result;
  }

 private:
  [[nodiscard]] Points outline(const Region& region) const {
    const double sigma = std::max(1.0, std::sqrt(region.area_px) / 200);
    Points points = outline_points(region, input_.film, sigma);
    for (auto& p : points) p = input_.frame.to_anatomical(p);
    return points;
  }

  [[nodiscard]] Endplate on_film(const Axes& axes, cv::Point2d post, cv::Point2d ant) const {
    return {input_.frame.to_film(axes.from_local(post)),
            input_.frame.to_film(axes.from_local(ant))};
  }

  [[nodiscard]] std::optional<VertebraCorners> vertebra(std::size_t level) const {
    const Points points = outline(*input_.regions[level]);
    if (points.size() < 40) return std::nullopt;
    const auto sides = fit_body(points, input_.up[level]);
    if (!sides) return std::nullopt;
    const LocalCorners c = body_corners(*sides);
    return VertebraCorners{on_film(sides->axes, c.sup_post, c.sup_ant),
                           on_film(sides->axes, c.inf_post, c.inf_ant)};
  }

  /// Axes to read the sacrum's cranial side in: those of the endplate above it, else upright.
  [[nodiscard]] Axes sacral_axes(const LocateMethodResult& found, const Points& points) const;
  [[nodiscard]] std::optional<Endplate> sacrum(const LocateMethodResult& found) const;

  [[nodiscard]] std::optional<FemoralHead> head(const Region& region) const {
    const Points points = outline(region);
    // The outline of a whole circle of this area has 2 pi r points or more.
    const double radius_px = std::sqrt(region.area_px / kPi);
    if (points.size() < std::max(12.0, 0.3 * 2 * kPi * radius_px)) return std::nullopt;
    const double radius = cv::norm(input_.frame.to_anatomical({radius_px, 0}));
    const auto circle = fit_circle_robust(points, 0.02 * radius);
    if (!circle || circle->radius > 2.5 * radius || circle->radius < 0.5 * radius) {
      return std::nullopt;
    }
    const cv::Point2d center_px = input_.frame.to_film(circle->center);
    if (!shows(region, center_px)) return std::nullopt;
    const double along_x = cv::norm(input_.frame.to_anatomical({1, 0}));
    return FemoralHead{center_px, circle->radius / along_x};
  }

  const LocateInput& input_;
};

Axes Fitter::sacral_axes(const LocateMethodResult& found, const Points& points) const {
  cv::Point2d mean(0, 0);
  for (const auto& p : points) mean += p;
  mean *= 1.0 / static_cast<double>(points.size());
  for (std::size_t level = kLumbarCount; level-- > 0;) {
    if (!found.vertebrae[level]) continue;
    const Endplate& plate = found.vertebrae[level]->inf;
    const cv::Point2d post = input_.frame.to_anatomical(plate.post);
    const cv::Point2d along = unit(input_.frame.to_anatomical(plate.ant) - post);
    // S1 is steeper than what lies above it, by about 14 degrees a level.
    const double a = -rad_from_deg(14.0 * static_cast<double>(kLumbarCount - level));
    const cv::Point2d u(std::cos(a) * along.x - std::sin(a) * along.y,
                        std::sin(a) * along.x + std::cos(a) * along.y);
    return {mean, u, {-u.y, u.x}};
  }
  const double a = rad_from_deg(-40);  // the usual sacral slope
  return {mean, {std::cos(a), std::sin(a)}, {-std::sin(a), std::cos(a)}};
}

std::optional<Endplate> Fitter::sacrum(const LocateMethodResult& found) const {
  const Points points = outline(*input_.regions[index(Structure::S)]);
  if (points.size() < 60) return std::nullopt;
  Axes axes = sacral_axes(found, points);
  cv::Point2d post, ant;
  for (int i = 0; i < 6; ++i) {
    const Points local = to_local(points, axes);
    // Outermost points along the bisectors of endplate and walls.
    const double size = std::sqrt(input_.regions[index(Structure::S)]->area_px) *
                        cv::norm(input_.frame.to_anatomical({1, 0}));
    const cv::Point2d forwards = unit({1, 1}), backwards = unit({-1, 1});
    const auto front = support(local, {0, 0}, 1e9, forwards, 0.002 * size);
    const auto back = support(local, {0, 0}, 1e9, backwards, 0.002 * size);
    if (!front || !back || front->x - back->x < 0.1 * size) return std::nullopt;
    post = *back;
    ant = *front;
    const double tilt = std::atan2(ant.y - post.y, ant.x - post.x);
    const cv::Point2d origin = axes.from_local(0.5 * (post + ant));
    const cv::Point2d u = std::cos(tilt) * axes.u + std::sin(tilt) * axes.v;
    post = axes.from_local(post);
    ant = axes.from_local(ant);
    axes = {origin, u, {-u.y, u.x}};
  }
  for (int i = 0; i < 3; ++i) {
    const Points local = to_local(points, axes);
    cv::Point2d p = axes.to_local(post), a = axes.to_local(ant);
    tilted_ends(local, 1, kSacralPlate, kSacralInset, p, a);
    post = axes.from_local(p);
    ant = axes.from_local(a);
    const cv::Point2d u = unit(ant - post);
    axes = {0.5 * (post + ant), u, {-u.y, u.x}};
  }
  return Endplate{input_.frame.to_film(post), input_.frame.to_film(ant)};
}

}  // namespace

LocateMethodResult locate_fit(const LocateInput& input) { return Fitter(input).run(); }

}  // namespace spine
