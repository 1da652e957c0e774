#include "spine/sim/vertebra_model.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "spine/core/error.h"
#include "spine/sim/mesh_build.h"
#include "spine/sim/mesh_cut.h"
#include "spine/sim/mesh_decimate.h"
#include "spine/sim/mesh_ops.h"
#include "spine/sim/vertebra_deformation.h"

namespace spine::sim {

namespace {

/// How far behind the posterior wall the body is cut from the arch.
constexpr double kWallMarginMm = 0.3;
constexpr double kMinBodySectionMm2 = 300;

/// Area of a simple polygon.
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

namespace {

/// Coefficients that carry the corners of the deformed body to `target`: displacements of the
/// corners by the free-form deformation are reverted.
Coefficients fit_corners(const std::vector<Deformed>& body,
                         const std::array<cv::Vec2d, 4>& own_corners,
                         const std::array<cv::Vec3d, 4>& target) {
  constexpr int kRounds = 3;
  Coefficients coefficients = interpolate(own_corners, target);
  for (int i = 0; i < kRounds; ++i) {
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
  return coefficients;
}

/// The pose's corners in the level's frame.
std::array<cv::Vec3d, 4> level_corners(const LevelPose& pose) {
  const cv::Matx33d to_level = pose.axes.t();
  return {to_level * (pose.corners.sup_post - pose.center),
          to_level * (pose.corners.sup_ant - pose.center),
          to_level * (pose.corners.inf_post - pose.center),
          to_level * (pose.corners.inf_ant - pose.center)};
}

}  // namespace

std::array<cv::Vec2d, 4> VertebraModel::own_corners() const {
  std::array<cv::Vec2d, 4> own_corners;
  const auto source = as_array(corners_);
  for (std::size_t i = 0; i < 4; ++i) {
    const cv::Vec3d own = to_own({source[i][0], 0, source[i][1]});
    own_corners[i] = {own[0], own[2]};
  }
  return own_corners;
}

VertebraModel::Result VertebraModel::warp(const Variation& variation, Rng rng) const {
  const LevelPose& pose = variation.pose;
  const Deformation deform(size_, variation, rng);
  std::vector<Deformed> body;
  body.reserve(body_.own.size());
  for (const auto& own : body_.own) body.push_back(deform(own));
  const Coefficients coefficients = fit_corners(body, own_corners(), level_corners(pose));

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
