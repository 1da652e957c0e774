#include "spine/sim/vertebra_model.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <opencv2/imgproc.hpp>

#include "spine/core/error.h"
#include "spine/core/geometry.h"
#include "spine/sim/mesh_build.h"
#include "spine/sim/mesh_ops.h"

namespace spine::sim {
namespace {

constexpr double kMaxLineSlideMm =
    0.35;                              ///< how far a superior corner may leave its rounded corner
constexpr double kWallMarginMm = 0.3;  ///< the cut passes this far behind the posterior wall
constexpr double kMinBodySectionMm2 = 300;

cv::Vec2d unit(const cv::Vec2d& v) {
  const double n = cv::norm(v);
  return n > 0 ? v * (1 / n) : v;
}

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

/// A closed polyline's sagittal coordinates along two axes.
double polygon_area(const std::vector<cv::Vec2d>& polygon) {
  double area = 0;
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    const cv::Vec2d& p = polygon[i];
    const cv::Vec2d& q = polygon[(i + 1) % polygon.size()];
    area += p[0] * q[1] - p[1] * q[0];
  }
  return std::abs(area) / 2;
}

/// Smallest first coordinate of a polygon on the line where the second is `level`; `none` when the
/// line misses it.
double leftmost_at(const std::vector<cv::Vec2d>& polygon, double level, double none) {
  double best = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    const cv::Vec2d& p = polygon[i];
    const cv::Vec2d& q = polygon[(i + 1) % polygon.size()];
    if ((p[1] > level) == (q[1] > level)) continue;
    best = std::min(best, p[0] + (q[0] - p[0]) * (level - p[1]) / (q[1] - p[1]));
  }
  return std::isfinite(best) ? best : none;
}

/// The mid-sagittal section of the body: the frontmost loop of the section that is large enough.
std::vector<cv::Vec2d> body_section(const Mesh& mesh) {
  float low = std::numeric_limits<float>::max();
  float high = std::numeric_limits<float>::lowest();
  for (const auto& v : mesh.vertices) {
    low = std::min(low, v[1]);
    high = std::max(high, v[1]);
  }
  const double middle = (static_cast<double>(low) + static_cast<double>(high)) / 2;
  std::vector<double> field;
  for (const auto& v : mesh.vertices) field.push_back(static_cast<double>(v[1]) - middle);
  const auto loops = level_loops(mesh, field);
  if (loops.size() < 2) {
    throw Error(ErrorKind::unreadable,
                "find vertebral body: expected a canal between body and arch in the mid-sagittal "
                "section, found none");
  }
  std::vector<cv::Vec2d> best;
  double best_x = -std::numeric_limits<double>::infinity();
  for (const auto& loop : loops) {
    std::vector<cv::Vec2d> flat;
    double x = 0;
    for (const auto& p : loop) {
      flat.emplace_back(p[0], p[2]);
      x += p[0] / static_cast<double>(loop.size());
    }
    if (x > best_x && polygon_area(flat) > kMinBodySectionMm2) {
      best_x = x;
      best = flat;
    }
  }
  if (best.empty()) {
    throw Error(
        ErrorKind::unreadable,
        "find vertebral body: expected a mid-sagittal section of at least 300 mm2, found none");
  }
  return best;
}

/// Values of the functions that carry corners to corners: 1, a, b and a·b, the last held constant
/// beyond the body so that the arch is not sheared away by a wedged body.
cv::Vec4d basis(double a, double b) {
  const double bounded = a < -1 ? -1 - 0.5 * std::tanh((-1 - a) / 0.5) : std::min(a, 1.5);
  return {1, a, b, bounded * b};
}

using Coefficients = std::array<cv::Vec4d, 3>;

/// Coefficients of a field over `basis` that takes the given values at the four corners.
Coefficients interpolate(const std::array<cv::Vec2d, 4>& at,
                         const std::array<cv::Vec3d, 4>& values) {
  cv::Matx44d rows;
  for (int i = 0; i < 4; ++i) {
    const cv::Vec4d phi =
        basis(at[static_cast<std::size_t>(i)][0], at[static_cast<std::size_t>(i)][1]);
    for (int k = 0; k < 4; ++k) rows(i, k) = phi[k];
  }
  const cv::Matx44d inverse = rows.inv();
  Coefficients out;
  for (int c = 0; c < 3; ++c) {
    cv::Vec4d rhs;
    for (int i = 0; i < 4; ++i) rhs[i] = values[static_cast<std::size_t>(i)][c];
    out[static_cast<std::size_t>(c)] = inverse * rhs;
  }
  return out;
}

/// A vertex after everything but the placing of the corners: its weights for them, and the rest, in
/// the level's frame.
struct Deformed {
  cv::Vec4d weights;
  cv::Vec3d rest;
  [[nodiscard]] cv::Vec3d at(const Coefficients& c) const {
    return {weights.dot(c[0]) + rest[0], weights.dot(c[1]) + rest[1], weights.dot(c[2]) + rest[2]};
  }
};

/// How the mean vertebra changes into one patient's, up to the corners' places.
class Deformation {
 public:
  Deformation(const VertebraModel::Size& size, const VertebraModel::Variation& variation,
              const Rng& rng)
      : size_(size),
        shape_(variation.shape),
        depth_((shape_.depth_sup + shape_.depth_inf) / 2),
        height_((shape_.height_ant + shape_.height_post) / 2),
        scale_sup_(shape_.width_sup / size.width_sup),
        scale_inf_(shape_.width_inf / size.width_inf),
        transverse_(1 - 0.6 * variation.thoracic),
        body_noise_(rng.split("body"), 0.5 * variation.freedom, 60),
        arch_noise_(rng.split("arch"), 2.0 * variation.freedom, 90) {
    Rng draw = rng.split("arch shape");
    spinous_length_ = 1 + variation.freedom * draw.normal_within(0, 0.08, -0.2, 0.2);
    spinous_drop_ = variation.freedom * draw.normal(0, 0.06) + 0.45 * variation.thoracic;
    Rng nodes = rng.split("dents");
    for (Dent& dent : dents_) {
      dent.depth_mm = nodes.chance(0.07 * variation.freedom) ? nodes.uniform(1, 4) : 0;
      dent.a = nodes.uniform(-0.5, 0.4);
      dent.y = nodes.uniform(-8, 8);
      dent.radius_mm = nodes.uniform(3, 6);
    }
  }

  /// @param own  (a, y in mm, b) as VertebraModel's
  [[nodiscard]] Deformed operator()(const cv::Vec3d& own) const {
    const double arch = smoothstep(-1.2, -2.4, own[0]);
    double a = own[0];
    double y = own[1];
    const double b = own[2];
    double drop = 0;
    if (a < kSpinousStart) {
      drop = spinous_drop_ * (a - kSpinousStart) * size_.half_depth;
      a = kSpinousStart + (a - kSpinousStart) * spinous_length_;
    }
    const double lateral = std::abs(y) - kProcessStartMm;
    if (lateral > 0 && arch > 0) {
      y = std::copysign(kProcessStartMm + lateral * (1 + arch * (transverse_ - 1)), y);
    }
    const double t = std::clamp((b + 1) / 2, 0.0, 1.0);
    const double body_scale = scale_inf_ + t * (scale_sup_ - scale_inf_);
    y *= body_scale * (1 - arch) + mean_width_scale() * arch;

    Deformed out{basis(a, b), cv::Vec3d(0, y, drop)};
    if (a > -1.2) out.rest += body_shape(a, own[1], b);
    const cv::Vec3d at(a * depth_ / 2, y, b * height_ / 2);
    if (arch < 1) out.rest += body_noise_(at) * (1 - arch);
    if (arch > 0) out.rest += arch_noise_(at) * arch;
    return out;
  }

  /// Lips that grow outwards from the rims, a little beyond the endplate's plane.
  [[nodiscard]] cv::Vec3d osteophytes(const cv::Vec3d& own) const {
    cv::Vec3d shift(0, 0, 0);
    if (own[0] < -1.3) return shift;
    for (std::size_t k = 0; k < shape_.osteophyte.size(); ++k) {
      if (shape_.osteophyte[k] <= 0) continue;
      const double out = k % 2 == 0 ? -1 : 1;  // sup_post, sup_ant, inf_post, inf_ant
      const double up = k < 2 ? 1 : -1;
      const double da = (own[0] - out) * size_.half_depth;
      const double db = (own[2] - up * 0.93) * size_.half_height;
      const double w = std::exp(-(da * da / 18 + db * db / 8 + own[1] * own[1] / 200));
      shift += shape_.osteophyte[k] * w * cv::Vec3d(out, 0, up * 0.25);
    }
    return shift;
  }

  [[nodiscard]] double mean_width_scale() const { return (scale_sup_ + scale_inf_) / 2; }

  /// The level's frame, without pedicles.
  [[nodiscard]] VertebraFrame frame(const LevelPose& pose) const {
    VertebraFrame frame;
    frame.center = pose.center;
    frame.anterior = {pose.axes(0, 0), pose.axes(1, 0), pose.axes(2, 0)};
    frame.left = {pose.axes(0, 1), pose.axes(1, 1), pose.axes(2, 1)};
    frame.up = {pose.axes(0, 2), pose.axes(1, 2), pose.axes(2, 2)};
    frame.depth_mm = depth_;
    frame.width_mm = (shape_.width_sup + shape_.width_inf) / 2;
    frame.height_mm = height_;
    return frame;
  }

 private:
  static constexpr double kSpinousStart = -2.4;  ///< as `a`
  static constexpr double kProcessStartMm = 24;  ///< the transverse processes lie farther out
  static constexpr double kMeanWaist = 0.08;     ///< of the mean meshes

  /// An intrusion of the disc into an endplate (Schmorl's node).
  struct Dent {
    double depth_mm = 0, radius_mm = 4;
    double a = 0, y = 0;
  };

  /// Waist, dished endplates and dents: displacement in the level's frame.
  [[nodiscard]] cv::Vec3d body_shape(double a, double y, double b) const {
    cv::Vec3d shift(0, 0, 0);
    shift[0] =
        -(shape_.waist - kMeanWaist) * depth_ * std::max(0.0, 1 - b * b) * std::clamp(a, -1.0, 1.0);
    const double yn = 2 * y / (size_.width_sup + size_.width_inf);
    const double dish = std::max(0.0, 1 - a * a) * std::max(0.0, 1 - 4 * yn * yn);
    for (std::size_t plate = 0; plate < 2; ++plate) {
      const double up = plate == 0 ? 1 : -1;
      const double near = smoothstep(0.2, 0.8, up * b);
      if (near <= 0) continue;
      const double deeper = plate == 0 ? shape_.concavity_sup - size_.concavity_sup
                                       : shape_.concavity_inf - size_.concavity_inf;
      shift[2] -= up * near * deeper * dish;
      const Dent& dent = dents_[plate];
      if (dent.depth_mm <= 0) continue;
      const double d = std::hypot((a - dent.a) * size_.half_depth, y - dent.y) / dent.radius_mm;
      shift[2] -= up * near * dent.depth_mm * std::exp(-d * d);
    }
    return shift;
  }

  VertebraModel::Size size_;
  LevelShape shape_;
  double depth_, height_, scale_sup_, scale_inf_, transverse_;
  double spinous_length_ = 1, spinous_drop_ = 0;
  std::array<Dent, 2> dents_;  ///< superior, inferior
  SmoothNoise body_noise_, arch_noise_;
};

/// Cortical thickness of every vertex: endplates thicker than walls, the arch thickest.
std::vector<float> cortex_mm(const std::vector<cv::Vec3d>& own, double relative, Rng rng) {
  const double endplate = rng.uniform(0.7, 1.2) * relative;
  const double wall = rng.uniform(0.35, 0.55) * relative;
  const double back = rng.uniform(0.7, 1.1) * relative;
  std::vector<float> thickness;
  thickness.reserve(own.size());
  for (const auto& p : own) {
    const double arch = smoothstep(-1.1, -1.5, p[0]);
    const double plate = smoothstep(0.75, 0.9, std::abs(p[2]));
    const double body = wall + plate * (endplate - wall);
    thickness.push_back(static_cast<float>(body + arch * (back - body)));
  }
  return thickness;
}

double extent(const std::vector<cv::Vec3d>& own, double from_b, double to_b) {
  double low = 0;
  double high = 0;
  for (const auto& p : own) {
    if (p[2] < from_b || p[2] > to_b) continue;
    low = std::min(low, p[1]);
    high = std::max(high, p[1]);
  }
  return high - low;
}

std::array<cv::Vec2d, 4> as_array(const SagittalCorners& c) {
  return {c.sup_post, c.sup_ant, c.inf_post, c.inf_ant};
}

}  // namespace

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

cv::Vec3d VertebraModel::to_own(const cv::Vec3d& p) const {
  const cv::Vec2d q = cv::Vec2d(p[0], p[2]) - center_;
  return {q.dot(anterior_) / size_.half_depth, p[1], q.dot(up_) / size_.half_height};
}

VertebraModel::VertebraModel(const Mesh& mesh, std::size_t faces) {
  Mesh small = decimate(mesh, faces);
  if (signed_volume(small) < 0) flip_faces(small);

  const auto set_frame = [this](const SagittalCorners& c) {
    corners_ = c;
    center_ = (c.sup_post + c.sup_ant + c.inf_post + c.inf_ant) * 0.25;
    anterior_ = unit(c.sup_ant - c.sup_post + c.inf_ant - c.inf_post);
    up_ = {-anterior_[1], anterior_[0]};
    size_.half_depth = (c.sup_ant - c.sup_post + c.inf_ant - c.inf_post).dot(anterior_) / 4;
    size_.half_height = (c.sup_ant + c.sup_post - c.inf_ant - c.inf_post).dot(up_) / 4;
  };
  const auto section = body_section(mesh);
  set_frame(find_corners(section));

  // The wall as a function of height, from the section; the body is what lies in front of it.
  std::vector<cv::Vec2d> own_section;
  for (const auto& p : section) {
    const cv::Vec3d q = to_own({p[0], 0, p[1]});
    own_section.emplace_back(q[0], q[2]);
  }
  const double margin = kWallMarginMm / size_.half_depth;
  const cv::Vec3d sup = to_own({corners_.sup_post[0], 0, corners_.sup_post[1]});
  const cv::Vec3d inf = to_own({corners_.inf_post[0], 0, corners_.inf_post[1]});
  const auto wall = [&](double b) {
    const double t = std::clamp((b - inf[2]) / (sup[2] - inf[2]), 0.0, 1.0);
    const double level = inf[2] + t * (sup[2] - inf[2]);
    return leftmost_at(own_section, level, inf[0] + t * (sup[0] - inf[0])) - margin;
  };
  std::vector<double> field;
  for (const auto& v : small.vertices) {
    const cv::Vec3d own = to_own(cv::Vec3d(v));
    field.push_back(own[0] - wall(own[2]));
  }
  body_.mesh = cut_and_cap(small, field, [this](const cv::Vec3d& p) {
    const cv::Vec3d own = to_own(p);
    return cv::Vec2d(own[1], own[2] * size_.half_height);
  });
  outer_.mesh = std::move(small);

  std::vector<cv::Vec2d> silhouette;
  for (const auto& v : body_.mesh.vertices) silhouette.emplace_back(v[0], v[2]);
  set_frame(find_corners(silhouette));
  for (Part* part : {&outer_, &body_}) {
    for (const auto& v : part->mesh.vertices) part->own.push_back(to_own(cv::Vec3d(v)));
  }
  measure_body();
  find_pedicles();
}

void VertebraModel::measure_body() {
  size_.width_sup = extent(body_.own, 0.6, 1.5);
  size_.width_inf = extent(body_.own, -1.5, -0.6);
  const auto dish = [this](double sign) {
    // Height of the surface nearest to the endplate's middle against the line of its corners.
    double nearest = std::numeric_limits<double>::infinity();
    double b = sign;
    for (const auto& p : body_.own) {
      if (p[2] * sign < 0.5) continue;
      const double d = std::hypot(p[0] * size_.half_depth, p[1]);
      if (d < nearest) {
        nearest = d;
        b = p[2];
      }
    }
    return (1 - b * sign) * size_.half_height;
  };
  size_.concavity_sup = dish(1);
  size_.concavity_inf = dish(-1);
}

std::optional<VertebraModel::Pedicle> VertebraModel::pedicle_at(
    double a, const std::vector<cv::Vec3d>& loop) const {
  // Transverse processes that spring from the pedicle itself (L5) are excluded by a maximum width.
  constexpr double kMaxWidthMm = 16;
  std::vector<cv::Vec2d> flat;  // up, lateral
  double side = 0;
  for (const auto& p : loop) side += p[1];
  side = side > 0 ? 1 : -1;
  double medial = std::numeric_limits<double>::infinity();
  double lateral = -medial;
  for (const auto& p : loop) {
    const cv::Vec3d own = to_own(p);
    flat.emplace_back(own[2] * size_.half_height, side * own[1]);
    medial = std::min(medial, side * own[1]);
    lateral = std::max(lateral, side * own[1]);
  }
  if (medial < 3 || polygon_area(flat) < 20) return std::nullopt;
  const double width = std::min(lateral - medial, kMaxWidthMm);
  const double middle = medial + width / 2;
  std::vector<cv::Vec2d> upside_down;
  for (const auto& p : flat) upside_down.emplace_back(-p[0], p[1]);
  const double low = leftmost_at(flat, middle, 0);
  const double high = -leftmost_at(upside_down, middle, 0);
  const cv::Vec3d center(a, side * middle, (low + high) / 2 / size_.half_height);
  return Pedicle{center, high - low, width, width * (high - low)};
}

void VertebraModel::find_pedicles() {
  // The isthmus: the plane behind the wall where both sections together are smallest.
  double smallest = std::numeric_limits<double>::infinity();
  for (double a = -1.15; a > -1.6; a -= 0.05) {
    std::vector<double> field;
    for (const auto& p : outer_.own) field.push_back(a - p[0]);
    std::array<std::optional<Pedicle>, 2> found;
    for (const auto& loop : level_loops(outer_.mesh, field)) {
      const auto pedicle = pedicle_at(a, loop);
      if (!pedicle) continue;
      auto& best = found[pedicle->own_center[1] > 0 ? 0 : 1];
      if (!best || pedicle->area_mm2 > best->area_mm2) best = pedicle;
    }
    if (!found[0] || !found[1] || found[0]->area_mm2 + found[1]->area_mm2 >= smallest) continue;
    smallest = found[0]->area_mm2 + found[1]->area_mm2;
    pedicles_ = {*found[0], *found[1]};
  }
  if (!std::isfinite(smallest)) {
    throw Error(ErrorKind::unreadable, "find pedicles: expected two behind the body, found fewer");
  }
}

VertebraModel::Result VertebraModel::warp(const Variation& variation, Rng rng) const {
  const LevelPose& pose = variation.pose;
  const cv::Matx33d to_level = pose.axes.t();
  const std::array<cv::Vec3d, 4> target{to_level * (pose.corners.sup_post - pose.center),
                                        to_level * (pose.corners.sup_ant - pose.center),
                                        to_level * (pose.corners.inf_post - pose.center),
                                        to_level * (pose.corners.inf_ant - pose.center)};
  std::array<cv::Vec2d, 4> own_corners;
  const auto source = as_array(corners_);
  for (std::size_t i = 0; i < 4; ++i) {
    const cv::Vec3d own = to_own({source[i][0], 0, source[i][1]});
    own_corners[i] = {own[0], own[2]};
  }
  const Deformation deform(size_, variation, rng);
  std::vector<Deformed> body;
  body.reserve(body_.own.size());
  for (const auto& own : body_.own) body.push_back(deform(own));

  // The displacement of the corners by the free-form deformation is reverted by the functions that
  // place them.
  Coefficients coefficients = interpolate(own_corners, target);
  for (int i = 0; i < 3; ++i) {
    std::vector<cv::Vec2d> silhouette;
    silhouette.reserve(body.size());
    for (const Deformed& point : body) {
      const cv::Vec3d p = point.at(coefficients);
      silhouette.emplace_back(p[0], p[2]);
    }
    const auto found = as_array(find_corners(silhouette));
    std::array<cv::Vec3d, 4> missing;
    for (std::size_t k = 0; k < 4; ++k) {
      missing[k] = {target[k][0] - found[k][0], 0, target[k][2] - found[k][1]};
    }
    const Coefficients correction = interpolate(own_corners, missing);
    for (std::size_t c = 0; c < 3; ++c) coefficients[c] += correction[c];
  }

  const auto place = [&](const cv::Vec3d& own, const Deformed& point) {
    return cv::Vec3f(pose.center + pose.axes * (point.at(coefficients) + deform.osteophytes(own)));
  };
  Result result;
  result.outer.faces = outer_.mesh.faces;
  for (const auto& own : outer_.own) result.outer.vertices.push_back(place(own, deform(own)));
  result.body.faces = body_.mesh.faces;
  for (std::size_t i = 0; i < body.size(); ++i) {
    result.body.vertices.push_back(place(body_.own[i], body[i]));
  }
  result.inner = offset_inward(
      result.outer, cortex_mm(outer_.own, variation.cortical_thickness, rng.split("cortex")));

  result.frame = deform.frame(pose);
  VertebraFrame& frame = result.frame;
  for (std::size_t side = 0; side < 2; ++side) {
    frame.pedicle_center[side] =
        pose.center + pose.axes * deform(pedicles_[side].own_center).at(coefficients);
  }
  frame.pedicle_height_mm = (pedicles_[0].height_mm + pedicles_[1].height_mm) / 2 *
                            frame.height_mm / (2 * size_.half_height);
  frame.pedicle_width_mm =
      (pedicles_[0].width_mm + pedicles_[1].width_mm) / 2 * deform.mean_width_scale();
  return result;
}

}  // namespace spine::sim
