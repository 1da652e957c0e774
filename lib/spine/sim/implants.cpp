#include "spine/sim/implants.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "spine/core/geometry.h"
#include "spine/sim/hip_prosthesis.h"
#include "spine/sim/mesh_build.h"
#include "spine/sim/spinal_hardware.h"

namespace spine::sim {
namespace {

constexpr std::array<const char*, 2> kSideNames{"left", "right"};

/// Fused levels: indices into Anatomy::frames.
struct Fusion {
  std::size_t top = 3, bottom = 5;
};

/// Approximate distribution of a spine clinic: mostly one or two low levels, rarely the whole
/// lumbar spine.
Fusion sample_fusion(Rng& rng) {
  struct Choice {
    Fusion fusion;
    double weight;
  };
  constexpr std::array<Choice, 12> kChoices{{{{3, 5}, 28},
                                             {{3, 4}, 20},
                                             {{4, 5}, 14},
                                             {{2, 5}, 9},
                                             {{2, 4}, 8},
                                             {{1, 5}, 5},
                                             {{2, 3}, 4},
                                             {{0, 5}, 4},
                                             {{1, 4}, 3},
                                             {{1, 3}, 2},
                                             {{0, 2}, 2},
                                             {{0, 4}, 1}}};
  double at = rng.uniform(0, 100);
  for (const Choice& choice : kChoices) {
    if (at < choice.weight) return choice.fusion;
    at -= choice.weight;
  }
  return kChoices[0].fusion;
}

/// A planned screw, before the rod determines the position of its head.
struct PlannedScrew {
  std::size_t level = 0;
  cv::Vec3d rod_point;
  double length_mm = 45, diameter_mm = 6.5;
};

/// Sizes shared by all parts of one operation, which come from one implant set.
struct HardwareSet {
  double rod_diameter_mm = 5.5;
  Material rod_material = Material::titanium;
  double tulip_radius_mm = 6.3, tulip_height_mm = 7;
  double thread_pitch_mm = 2.7, core = 0.68;
  bool cannulated = false;
  double diameter_mm = 6.5, length_mm = 45;
  double head_depth_mm = 27;  ///< of the rod's axis behind the pedicle's middle
};

HardwareSet sample_set(Rng& rng) {
  HardwareSet set;
  set.rod_diameter_mm = rng.chance(0.75) ? 5.5 : 6.0;
  set.rod_material = rng.chance(0.75) ? Material::titanium : Material::cobalt_chrome;
  set.tulip_radius_mm = rng.uniform(5.8, 7.0);
  set.tulip_height_mm = rng.uniform(6, 8.5);
  if (rng.chance(0.06)) set.tulip_height_mm = 16;  // reduction tabs left on
  set.thread_pitch_mm = rng.uniform(2.2, 3.2);
  set.core = rng.uniform(0.6, 0.75);
  set.cannulated = rng.chance(0.12);
  set.diameter_mm = 0.5 * rng.integer(11, 15);
  set.head_depth_mm = rng.uniform(24, 30);
  set.length_mm = 5.0 * rng.integer(7, 11);
  return set;
}

/// Where the rod passes behind a pedicle: on the screw's axis, behind the joint.
PlannedScrew plan_screw(const VertebraFrame& frame, std::size_t level, std::size_t side,
                        const HardwareSet& set, Rng& rng) {
  constexpr std::array<double, kLumbarCount + 1> kConvergenceDeg{7, 9, 12, 15, 20, 22};
  const double inward = rad_from_deg(kConvergenceDeg[level] + rng.normal_within(0, 3, -7, 7));
  const double tilt = rad_from_deg(rng.normal_within(level == kS1 ? -6 : -2, 4, -14, 10));
  const double out = side == 0 ? 1 : -1;
  const cv::Vec3d direction =
      cv::normalize(frame.anterior * (std::cos(inward) * std::cos(tilt)) -
                    frame.left * (out * std::sin(inward)) + frame.up * std::sin(tilt));
  PlannedScrew screw;
  screw.level = level;
  screw.diameter_mm = set.diameter_mm + (level == kS1 ? 0.5 : 0.0);
  screw.length_mm = std::max(35.0, set.length_mm + 5.0 * rng.integer(-1, 1));
  const double miss = rng.chance(0.05) ? 4 : 1;  // occasionally a misplaced screw
  const double up = rng.normal(0, 0.6) * miss;
  const double left = rng.normal(0, 0.6) * miss;
  const cv::Vec3d aim = frame.pedicle_center[side] + frame.up * up + frame.left * left;
  screw.rod_point = aim - direction * (set.head_depth_mm + rng.normal_within(0, 0.8, -2, 2));
  return screw;
}

/// A least-squares cubic through the planned points, like a bent rod.
class RodCurve {
 public:
  explicit RodCurve(const std::vector<PlannedScrew>& screws) {
    origin_ = screws.front().rod_point;
    const cv::Vec3d chord = screws.back().rod_point - origin_;
    length_ = std::max(cv::norm(chord), 1.0);
    axis_ = chord * (1 / length_);
    const int degree =
        std::clamp(static_cast<int>(screws.size()) - 1, 1, screws.size() > 4 ? 3 : 2);
    cv::Matx44d lhs = cv::Matx44d::zeros();
    std::array<cv::Vec4d, 3> rhs{};
    for (const auto& screw : screws) {
      const cv::Vec4d row = powers(parameter(screw.rod_point), degree);
      lhs += row * row.t();
      for (std::size_t c = 0; c < 3; ++c) {
        rhs[c] += row * (screw.rod_point[static_cast<int>(c)] - origin_[static_cast<int>(c)]);
      }
    }
    for (int k = degree + 1; k < 4; ++k) lhs(k, k) = 1;
    // Penalises high powers, so that noise in the points does not bend the rod.
    for (int k = 2; k <= degree; ++k) lhs(k, k) += 0.01;
    const cv::Matx44d inverse = lhs.inv(cv::DECOMP_CHOLESKY);
    for (std::size_t c = 0; c < 3; ++c) coefficients_[c] = inverse * rhs[c];
    degree_ = degree;
  }
  [[nodiscard]] double parameter(const cv::Vec3d& p) const {
    return (p - origin_).dot(axis_) / length_;
  }
  [[nodiscard]] double mm(double length) const { return length / length_; }
  [[nodiscard]] cv::Vec3d at(double t) const {
    const cv::Vec4d row = powers(t, degree_);
    return origin_ + cv::Vec3d(row.dot(coefficients_[0]), row.dot(coefficients_[1]),
                               row.dot(coefficients_[2]));
  }
  [[nodiscard]] cv::Vec3d tangent(double t) const {
    return cv::normalize(at(t + 0.01) - at(t - 0.01));
  }

 private:
  static cv::Vec4d powers(double t, int degree) {
    return {1, t, degree >= 2 ? t * t : 0, degree >= 3 ? t * t * t : 0};
  }
  cv::Vec3d origin_, axis_;
  double length_ = 1;
  int degree_ = 1;
  std::array<cv::Vec4d, 3> coefficients_;
};

void add_part(Implants& implants, std::string name, Mesh mesh, Material material) {
  if (mesh.faces.empty()) return;
  implants.parts.push_back({std::move(name), std::move(mesh), material});
}

void add_screw(const Anatomy& anatomy, const PlannedScrew& plan, const RodCurve& rod,
               std::size_t side, const HardwareSet& set, Rng& rng, Implants& implants) {
  const VertebraFrame& frame = anatomy.frames[plan.level];
  const std::string name = "screw_" + level_name(plan.level) + "_" + kSideNames[side];
  const double t = rod.parameter(plan.rod_point);
  TulipForm tulip;
  tulip.center = rod.at(t);
  tulip.rod = rod.tangent(t);
  tulip.radius_mm = set.tulip_radius_mm;
  tulip.rod_diameter_mm = set.rod_diameter_mm;
  tulip.height_mm = set.tulip_height_mm;
  const cv::Vec3d aim = cv::normalize(frame.pedicle_center[side] - tulip.center);
  tulip.back = cv::normalize(tulip.rod * aim.dot(tulip.rod) - aim);
  add_part(implants, name, make_tulip(tulip), Material::titanium);

  ScrewForm screw;
  screw.head = tulip.center - tulip.back * (kTulipDepthMm - 2);
  const cv::Vec3d along = cv::normalize(frame.pedicle_center[side] - screw.head);
  // The tip mostly stays inside the body.
  const double reach =
      (frame.center + frame.anterior * (0.42 * frame.depth_mm) - screw.head).dot(frame.anterior) /
      std::max(along.dot(frame.anterior), 0.3);
  const double length = std::clamp(plan.length_mm, 25.0, std::max(25.0, reach));
  screw.tip = screw.head + along * length;
  screw.diameter_mm = plan.diameter_mm;
  screw.pitch_mm = set.thread_pitch_mm;
  screw.core = set.core;
  screw.cannulated = set.cannulated;
  if (rng.chance(0.02)) {  // broken at the pedicle, the distal piece slightly displaced
    ScrewForm near = screw;
    near.tip = screw.head + along * (0.45 * length);
    screw.head = near.tip + along * 1.5 + frame.up * rng.normal(0, 1);
    add_part(implants, name, make_screw(near), Material::titanium);
  }
  add_part(implants, name, make_screw(screw), Material::titanium);
}

void add_rod(const RodCurve& rod, double from, double to, std::size_t side, const HardwareSet& set,
             Rng& rng, Implants& implants) {
  const std::string name = std::string("rod_") + kSideNames[side];
  const auto piece = [&](double a, double b, const cv::Vec3d& shift) {
    constexpr int kSteps = 12;
    std::vector<cv::Vec3d> points;
    for (int i = 0; i <= kSteps; ++i) points.push_back(rod.at(a + (b - a) * i / kSteps) + shift);
    add_part(implants, name, make_rod(points, set.rod_diameter_mm), set.rod_material);
  };
  if (!rng.chance(0.02)) {
    piece(from, to, {0, 0, 0});
    return;
  }
  const double at = from + (to - from) * rng.uniform(0.3, 0.7);
  const double gap = rod.mm(rng.uniform(1, 3));
  const cv::Vec3d shift(rng.normal(0, 1), 0, 0);
  piece(from, at - gap / 2, {0, 0, 0});
  piece(at + gap / 2, to, shift);
}

std::optional<RodCurve> add_side(const Anatomy& anatomy, const Fusion& fusion, std::size_t side,
                                 const HardwareSet& set, const Rng& parent, Implants& implants) {
  std::vector<PlannedScrew> screws;
  for (std::size_t level = fusion.top; level <= fusion.bottom; ++level) {
    Rng rng = parent.split("screw", level * 2 + side);
    const bool inner = level > fusion.top && level < fusion.bottom;
    if (inner && rng.chance(0.12)) continue;  // a level skipped on this side
    screws.push_back(plan_screw(anatomy.frames[level], level, side, set, rng));
  }
  const RodCurve rod(screws);
  double first = 1e9;
  double last = -1e9;
  for (const auto& screw : screws) {
    Rng rng = parent.split("screw build", screw.level * 2 + side);
    add_screw(anatomy, screw, rod, side, set, rng, implants);
    first = std::min(first, rod.parameter(screw.rod_point));
    last = std::max(last, rod.parameter(screw.rod_point));
  }
  Rng rng = parent.split("rod", side);
  const double above = rod.mm(rng.uniform(5, 14));
  const double below = rod.mm(rng.uniform(5, 11));
  add_rod(rod, first - above, last + below, side, set, rng, implants);
  return rod;
}

void add_crosslink(const RodCurve& left, const RodCurve& right, const HardwareSet& set, Rng& rng,
                   Implants& implants) {
  const double t = rng.uniform(0.3, 0.7);
  const cv::Vec3d a = left.at(t);
  const cv::Vec3d b = right.at(t);
  const cv::Vec3d back = cv::normalize(left.tangent(t).cross(b - a));
  const cv::Vec3d behind = back * (back[0] < 0 ? 5.0 : -5.0);
  add_part(implants, "crosslink",
           make_rod({a + behind, (a + b) * 0.5 + behind * 1.6, b + behind}, rng.uniform(3, 4.5)),
           Material::titanium);
  for (const cv::Vec3d& end : {a, b}) {
    add_part(implants, "crosslink", make_pin(end, end + behind * 1.4, set.rod_diameter_mm + 3),
             Material::titanium);
  }
}

DiscSpace disc_below(const Anatomy& anatomy, std::size_t level) {
  DiscSpace space;
  space.upper_post = anatomy.vertebrae[level].inf_post;
  space.upper_ant = anatomy.vertebrae[level].inf_ant;
  const bool last = level + 1 == kS1;
  space.lower_post = last ? anatomy.s1_post : anatomy.vertebrae[level + 1].sup_post;
  space.lower_ant = last ? anatomy.s1_ant : anatomy.vertebrae[level + 1].sup_ant;
  space.left = cv::normalize(anatomy.frames[level].left + anatomy.frames[level + 1].left);
  return space;
}

/// One cage or a pair of cages in a disc space, if there is room.
void add_cages(const Anatomy& anatomy, std::size_t level, Rng& rng, Implants& implants) {
  constexpr double kMinHeightMm = 5;
  const DiscSpace space = disc_below(anatomy, level);
  const double depth = space.depth_mm();
  const std::string name = "cage_" + disc_name(level);
  std::vector<CageForm> forms;
  CageForm form;
  const double kind = rng.uniform();
  if (kind < 0.3) {  // posterior: two narrow ones side by side
    const double length = rng.uniform(20, 26) / depth;
    const double middle = rng.normal_within(0.52, 0.06, 0.42, 0.62);
    const double width = rng.uniform(8, 11);
    for (const double side : {-1.0, 1.0}) {
      form.depth_from = middle - length / 2 + rng.normal(0, 0.03);
      form.depth_to = form.depth_from + length;
      const double at = side * rng.uniform(8, 11);
      form.left_from_mm = at - width / 2;
      form.left_to_mm = at + width / 2;
      form.wall_mm = 2;
      forms.push_back(form);
    }
  } else if (kind < 0.75) {  // transforaminal: one curved cage in the front half
    const double length = rng.uniform(10, 12) / depth;
    form.depth_to = rng.normal_within(0.82, 0.07, 0.6, 0.95);
    form.depth_from = form.depth_to - length;
    const double half = rng.uniform(12, 16);
    const double at = rng.normal(0, 2);
    form.left_from_mm = at - half;
    form.left_to_mm = at + half;
    form.bend_mm = rng.uniform(2, 6);
    form.wall_mm = 2.5;
    forms.push_back(form);
  } else {  // anterior or lateral: large
    const double length = rng.uniform(18, 28) / depth;
    const double middle = rng.normal_within(0.55, 0.06, 0.42, 0.65);
    form.depth_from = middle - length / 2;
    form.depth_to = middle + length / 2;
    const double half = rng.uniform(16, 25);
    form.left_from_mm = -half;
    form.left_to_mm = half;
    form.wall_mm = 4;
    forms.push_back(form);
  }
  const bool metal = rng.chance(0.35);
  for (const CageForm& cage : forms) {
    if (std::min(space.height_mm(cage.depth_from), space.height_mm(cage.depth_to)) < kMinHeightMm) {
      continue;
    }
    add_part(implants, name, make_cage(space, cage), metal ? Material::titanium : Material::peek);
    if (metal) continue;
    for (Mesh& pin : make_cage_markers(space, cage)) {
      add_part(implants, name, std::move(pin), Material::cobalt_chrome);  // as dark as tantalum
    }
  }
}

void add_fusion(const Anatomy& anatomy, const Rng& parent, Implants& implants) {
  Rng rng = parent.split("plan");
  const Fusion fusion = sample_fusion(rng);
  const HardwareSet set = sample_set(rng);
  const bool only_cages = rng.chance(0.04);
  const double one_sided = rng.uniform();
  const double cage_chance = rng.chance(0.65) ? 0.75 : 0.1;
  const bool linked = rng.chance(0.12);
  if (!only_cages) {
    std::optional<RodCurve> left;
    std::optional<RodCurve> right;
    if (one_sided > 0.03) left = add_side(anatomy, fusion, 0, set, parent, implants);
    if (one_sided <= 0.03 || one_sided > 0.06) {
      right = add_side(anatomy, fusion, 1, set, parent, implants);
    }
    if (linked && left && right) {
      Rng draw = parent.split("crosslink");
      add_crosslink(*left, *right, set, draw, implants);
    }
  }
  for (std::size_t level = fusion.top; level < fusion.bottom; ++level) {
    Rng draw = parent.split("cage", level);
    if (only_cages || draw.chance(cage_chance)) add_cages(anatomy, level, draw, implants);
  }
}

/// Axis of the femoral shaft: centres of the bone mesh well below the head.
std::array<cv::Vec3d, 2> femur_axis(const Anatomy& anatomy, std::size_t side) {
  const HeadTruth& head = anatomy.heads[side];
  const double out = side == 0 ? 1 : -1;
  std::array<cv::Vec3d, 2> axis{head.center + cv::Vec3d(0, out * 38, -40),
                                head.center + cv::Vec3d(0, out * 33, -150)};
  const std::string name = std::string("femur_") + kSideNames[side];
  for (const Bone& bone : anatomy.bones) {
    if (bone.name != name) continue;
    const std::array<std::array<double, 2>, 2> slabs{{{-85, -65}, {-150, -120}}};
    std::array<cv::Vec3d, 2> middle;
    for (std::size_t i = 0; i < 2; ++i) {
      cv::Vec3d sum(0, 0, 0);
      double count = 0;
      for (const auto& v : bone.outer.vertices) {
        const double below = static_cast<double>(v[2]) - head.center[2];
        if (below < slabs[i][0] || below > slabs[i][1]) continue;
        sum += cv::Vec3d(v);
        ++count;
      }
      if (count < 8) return axis;  // the bone ends above: keep the default axis
      middle[i] = sum * (1 / count);
    }
    const cv::Vec3d slope = (middle[1] - middle[0]) * (1 / (middle[1][2] - middle[0][2]));
    axis[0] = middle[0] + slope * (head.center[2] - 40 - middle[0][2]);
    axis[1] = middle[1];
  }
  return axis;
}

void add_hip(const Anatomy& anatomy, std::size_t side, Rng rng, Implants& implants) {
  const HeadTruth& bone = anatomy.heads[side];
  const double out = side == 0 ? 1 : -1;
  HipProsthesisForm form;
  constexpr std::array<double, 3> kHeadRadiiMm{14, 16, 18};
  form.head.radius_mm = kHeadRadiiMm[static_cast<std::size_t>(rng.integer(0, 2))];
  form.head.center = bone.center;
  for (int c = 0; c < 3; ++c) form.head.center[c] += rng.normal_within(0, 2, -5, 5);
  form.cup_radius_mm = std::max(bone.radius_mm + rng.uniform(1, 5), form.head.radius_mm + 7);
  const double steep = rad_from_deg(rng.normal_within(42, 6, 30, 55));
  const double ahead = rad_from_deg(rng.normal_within(17, 6, 2, 32));
  form.cup_opening = {std::sin(ahead), out * std::cos(ahead) * std::sin(steep),
                      -std::cos(ahead) * std::cos(steep)};
  const auto axis = femur_axis(anatomy, side);
  form.shaft_top = axis[0];
  form.shaft_bottom = axis[1];
  form.stem_length_mm = rng.uniform(100, 150);
  form.stem_radius_mm = rng.uniform(7, 9.5);
  form.cemented = rng.chance(0.35);
  form.polyethylene_cup = form.cemented && rng.chance(0.4);
  for (ImplantPart& part : make_hip_prosthesis(form, kSideNames[side])) {
    implants.parts.push_back(std::move(part));
  }
  implants.prosthetic_heads[side] = form.head;
}

}  // namespace

Implants sample_implants(const Anatomy& anatomy, Rng rng) {
  Implants implants;
  Rng draw = rng.split("operation");
  const bool hip = draw.chance(0.10);
  const bool spine = !hip || draw.chance(0.6);
  if (spine) add_fusion(anatomy, rng.split("fusion"), implants);
  if (hip) {
    const bool both = draw.chance(0.25);
    const std::size_t side = draw.chance(0.5) ? 0 : 1;
    for (std::size_t s = 0; s < 2; ++s) {
      if (both || s == side) add_hip(anatomy, s, rng.split("hip", s), implants);
    }
  }
  return implants;
}

bool is_implanted(std::uint64_t seed, double share) {
  return Rng(seed).split("implanted").chance(share);
}

}  // namespace spine::sim
