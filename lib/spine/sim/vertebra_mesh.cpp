#include "spine/sim/vertebra_mesh.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "spine/core/geometry.h"
#include "spine/sim/mesh_build.h"

namespace spine::sim {

namespace {

constexpr int kBodySegments = 56;
constexpr double kSupFillet = 0.6, kInfFillet = 2.0;  // radii of the rims' corners, mm
// From the axis to the rim, as fractions of the way to the corner's rounding.
constexpr std::array<double, 9> kPlateSteps{0.15, 0.32, 0.48, 0.62, 0.74, 0.83, 0.90, 0.96, 1.0};
constexpr int kFilletSteps = 4, kWallSteps = 11;

/// Where one vertical profile of the body stands: the corners' extrapolated points and directions.
struct Profile {
  double u = 0, v = 0;  // outline, -1 posterior ... 1 anterior, -1 right ... 1 left
  double phi = 0;       // around the axis, 0 anterior
};

/// Outline of the cross-section in units of half depth and half width: elliptic in front, flattened
/// behind, widest a little behind the middle.
Profile outline(int segment) {
  Profile p;
  p.phi = 2 * kPi * segment / kBodySegments;
  const double c = std::cos(p.phi), s = std::sin(p.phi);
  const double n = c > 0 ? 2.25 : 4.0;
  const double scale = std::pow(std::pow(std::abs(c), n) + std::pow(std::abs(s), n), -1 / n);
  constexpr double kWidest = -0.12;
  p.u = kWidest + scale * c * (c > 0 ? 1 - kWidest : 1 + kWidest);
  p.v = scale * s;
  return p;
}

/// Depth of the dish at fraction rho of the radius, in units of its depth.
double dish(double rho) { return 1 - smoothstep(0.38, 0.93, rho); }

/// Smooth random functions of (phi, t) that make each body its own.
struct Irregularity {
  std::array<double, 5> phase{}, gain{};
  explicit Irregularity(Rng rng) {
    for (auto& p : phase) p = rng.uniform(0, 2 * kPi);
    for (auto& g : gain) g = rng.normal();
  }
  /// On the walls; vanishes at both rims.
  [[nodiscard]] double wall(double phi, double t) const {
    return std::sin(kPi * t) * (0.30 * gain[0] * std::sin(phi + phase[0]) +
                                0.25 * gain[1] * std::sin(2 * phi + phase[1]) +
                                0.15 * gain[2] * std::sin(5 * phi + 4 * t + phase[2]));
  }
  /// On the endplates; vanishes at the rim.
  [[nodiscard]] double plate(double phi, double rho) const {
    return dish(rho) * (0.20 * gain[3] * rho * std::sin(phi + phase[3]) +
                        0.15 * gain[4] * rho * std::sin(3 * phi + phase[4]));
  }
};

class BodyBuilder {
 public:
  BodyBuilder(const BodyForm& form, Rng rng)
      : form_(form), sup_noise_(rng.split("sup")), inf_noise_(rng.split("inf")) {
    const VertebraTruth& c = form.corners;
    const cv::Vec3d wall_post = cv::normalize(c.sup_post - c.inf_post);
    const cv::Vec3d wall_ant = cv::normalize(c.sup_ant - c.inf_ant);
    const cv::Vec3d inf_dir = cv::normalize(c.inf_ant - c.inf_post);
    // The inferior landmarks are the 45-degree points of the rounding: the tangents meet outside.
    const double out = (1 - std::sqrt(0.5)) * kInfFillet;
    inf_post_ = c.inf_post - out * (wall_post + inf_dir);
    inf_ant_ = c.inf_ant - out * (wall_ant - inf_dir);
    sup_normal_ = (c.sup_ant - c.sup_post).cross(cv::Vec3d(0, 1, 0));
    sup_normal_ = cv::normalize(sup_normal_);
    inf_normal_ = cv::normalize((inf_ant_ - inf_post_).cross(cv::Vec3d(0, 1, 0)));
    spur_shift_ = rng.uniform(-0.35, 0.35);
    spur_lift_ = rng.uniform(-0.1, 0.35);
  }

  [[nodiscard]] Mesh build(bool spurs) const {
    std::vector<Ring> rings(2 * kPlateSteps.size() + 2 * kFilletSteps + kWallSteps);
    for (Ring& r : rings) r.resize(kBodySegments);
    for (int i = 0; i < kBodySegments; ++i) {
      std::size_t row = 0;
      for (const cv::Vec3d& p : profile(outline(i), spurs)) {
        rings[row++][static_cast<std::size_t>(i)] = p;
      }
    }
    return loft(rings);
  }

 private:
  [[nodiscard]] cv::Vec3d rim(bool sup, double u, double v) const {
    const LevelShape& s = form_.shape;
    const cv::Vec3d a = sup ? form_.corners.sup_ant : inf_ant_;
    const cv::Vec3d p = sup ? form_.corners.sup_post : inf_post_;
    return 0.5 * (a + p) + 0.5 * u * (a - p) +
           cv::Vec3d(0, v * 0.5 * (sup ? s.width_sup : s.width_inf), 0);
  }

  /// Length of the spur at this rim and angle: horns in front and behind.
  [[nodiscard]] double spur(bool sup, double phi) const {
    const double front = std::remainder(phi - spur_shift_, 2 * kPi) / 0.85;
    const double back = std::remainder(phi - kPi, 2 * kPi) / 0.6;
    const auto& o = form_.shape.osteophyte;
    return (sup ? o[1] : o[3]) * std::exp(-front * front) +
           (sup ? o[0] : o[2]) * std::exp(-back * back);
  }

  /// From the inferior to the superior endplate's centre along one side.
  [[nodiscard]] std::vector<cv::Vec3d> profile(const Profile& at, bool spurs) const {
    const LevelShape& shape = form_.shape;
    const cv::Vec3d low = rim(false, at.u, at.v), high = rim(true, at.u, at.v);
    const cv::Vec3d low_center = rim(false, -0.05, 0), high_center = rim(true, -0.05, 0);
    const double height = cv::norm(high - low);
    const cv::Vec3d wall = (high - low) / height;
    const cv::Vec3d low_in = cv::normalize(low_center - low),
                    high_in = cv::normalize(high_center - high);
    const double low_spur = spurs ? spur(false, at.phi) : 0,
                 high_spur = spurs ? spur(true, at.phi) : 0;
    std::vector<cv::Vec3d> out;
    out.reserve(40);
    plate(out, low, low_center, low_in, kInfFillet, low_spur, false, at.phi);
    for (int k = 0; k < kFilletSteps; ++k) {
      out.push_back(fillet(low, wall, low_in, kInfFillet, 1 - (k + 0.5) / kFilletSteps) +
                    reach(low_in, wall, low_spur));
    }
    const double from = kInfFillet / height, to = 1 - kSupFillet / height;
    const cv::Vec3d inward = cv::normalize(low_in + high_in);
    const double posterior = smoothstep(0.2, 1.0, -std::cos(at.phi));
    const double draw_in =
        shape.waist * 0.5 * (shape.depth_sup + shape.depth_inf) * (1 - 0.45 * posterior);
    const double notch = 0.9 * std::exp(-at.v * at.v / 0.12) * posterior;  // basivertebral hollow
    for (int k = 0; k < kWallSteps; ++k) {
      const double x = static_cast<double>(k) / (kWallSteps - 1);
      const double t =
          from + (to - from) * (x - 0.12 * std::sin(2 * kPi * x));  // denser at the rims
      const double bump = std::sin(kPi * (t - from) / (to - from));
      cv::Vec3d p = low + t * (high - low) +
                    ((draw_in + notch * bump) * bump + inf_noise_.wall(at.phi, t)) * inward;
      p += fade(t * height, low_spur) * reach(low_in, wall, low_spur) +
           fade((1 - t) * height, high_spur) * reach(high_in, -wall, high_spur);
      out.push_back(p);
    }
    for (int k = 0; k < kFilletSteps; ++k) {
      out.push_back(fillet(high, -wall, high_in, kSupFillet, (k + 0.5) / kFilletSteps) +
                    reach(high_in, -wall, high_spur));
    }
    std::vector<cv::Vec3d> top;
    plate(top, high, high_center, high_in, kSupFillet, high_spur, true, at.phi);
    out.insert(out.end(), top.rbegin(), top.rend());
    return out;
  }

  /// Centre to rim of one endplate.
  void plate(std::vector<cv::Vec3d>& out, const cv::Vec3d& corner, const cv::Vec3d& center,
             const cv::Vec3d& inward, double fillet_mm, double spur_mm, bool sup,
             double phi) const {
    const LevelShape& s = form_.shape;
    const cv::Vec3d edge = corner + fillet_mm * inward;
    const cv::Vec3d into = sup ? cv::Vec3d(-sup_normal_) : inf_normal_;
    for (const double rho : kPlateSteps) {
      // The inferior dish is deepest behind the middle.
      const double depth = sup ? s.concavity_sup * (1 - 0.15 * rho * std::cos(phi))
                               : s.concavity_inf * (1 - 0.45 * rho * std::cos(phi));
      cv::Vec3d p = center + rho * (edge - center);
      p += (depth * dish(rho) + (sup ? sup_noise_ : inf_noise_).plate(phi, rho)) * into;
      if (rho == 1.0) p += 0.7 * reach(inward, sup ? -sup_normal_ : inf_normal_, spur_mm);
      out.push_back(p);
    }
  }

  /// Rounded corner, from the wall (t = 0) to the endplate (t = 1).
  static cv::Vec3d fillet(const cv::Vec3d& corner, const cv::Vec3d& along_wall,
                          const cv::Vec3d& inward, double radius, double t) {
    const double a = t * kPi / 2;
    return corner + radius * (1 - std::sin(a)) * along_wall + radius * (1 - std::cos(a)) * inward;
  }
  /// Where a spur carries the corner: outward, and a little towards or from the disc.
  [[nodiscard]] cv::Vec3d reach(const cv::Vec3d& inward, const cv::Vec3d& from_disc,
                                double spur_mm) const {
    return -spur_mm * inward - std::min(spur_lift_ * spur_mm, 1.2) * from_disc;
  }
  /// How much of a spur's reach is left this far from the corner: a claw with a broad base.
  static double fade(double distance_mm, double spur_mm) {
    const double left = 1 - distance_mm / (1.1 * spur_mm + 2.5);
    return left <= 0 ? 0 : std::pow(left, 1.6);
  }

  BodyForm form_;
  Irregularity sup_noise_, inf_noise_;
  cv::Vec3d inf_post_, inf_ant_, sup_normal_, inf_normal_;
  double spur_shift_ = 0, spur_lift_ = 0;
};

}  // namespace

BodyMeshes build_body(const BodyForm& form, Rng rng) {
  const BodyBuilder builder(form, rng);
  BodyMeshes meshes;
  const auto& o = form.shape.osteophyte;
  const bool spurs = std::any_of(o.begin(), o.end(), [](double mm) { return mm > 0; });
  const Mesh plain = builder.build(false);
  meshes.outer = spurs ? builder.build(true) : plain;
  Rng grain = rng.split("grain");
  meshes.inner = offset_inward(plain, [&](const cv::Vec3d&, const cv::Vec3d& n) {
    const double endplate = smoothstep(0.3, 0.9, std::abs(n[2]));
    const double mean =
        form.cortex_wall_mm + endplate * (form.cortex_endplate_mm - form.cortex_wall_mm);
    return mean * grain.uniform(0.75, 1.25);
  });
  return meshes;
}

}  // namespace spine::sim
