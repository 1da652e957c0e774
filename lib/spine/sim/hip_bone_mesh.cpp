#include "spine/sim/hip_bone_mesh.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "spine/core/geometry.h"
#include "spine/sim/anatomy.h"
#include "spine/sim/hip_sheet.h"
#include "spine/sim/mesh_build.h"

namespace spine::sim {

namespace {

/// The dense border of the hip bone: a strip along a closed outline, on edge in the lateral view.
Mesh border_strip(const HipSheet& sheet, const std::vector<LateralPoint>& outline, double inwards,
                  double strength, Rng rng) {
  Tube strip;
  strip.side = {0, 1, 0};
  strip.segments = 8;
  strip.step_mm = 4;
  const std::size_t n = outline.size();
  const double turn = rng.uniform(0, 2 * kPi), swing = rng.uniform(0.1, 0.35);
  for (std::size_t k = 0; k <= n; ++k) {
    const LateralPoint a = outline[(k + n - 1) % n], p = outline[k % n], b = outline[(k + 1) % n];
    const double tx = b.x - a.x, tz = b.z - a.z, length = std::hypot(tx, tz);
    const LateralPoint q{p.x + inwards * tz / length, p.z - inwards * tx / length};
    const SheetSample s = sheet.sample(q, 100);
    const double angle = 2 * kPi * static_cast<double>(k) / static_cast<double>(n);
    const double gain = strength * (1 + swing * std::sin(2 * angle + turn));
    const double crest = smoothstep(40, 70, q.z);  // there a broad soft band
    strip.nodes.push_back({{q.x, 0.5 * (s.medial + s.lateral), q.z},
                           std::min((2.4 - 0.6 * crest) * gain, 0.3 * (s.lateral - s.medial)),
                           1.1 + 1.3 * crest});
  }
  return tube(strip);
}

/// The subchondral bone of the socket's roof: a dense shell round the upper part of the head, seen
/// on edge as the bright arc above it.
Mesh socket_roof(const HeadTruth& head, double left, double socket_radius, double thickness_mm,
                 Rng rng) {
  constexpr int kSteps = 44, kAcross = 9;
  const double from = rad_from_deg(rng.uniform(-25, 5)), to = rad_from_deg(rng.uniform(165, 205));
  const double depth = rad_from_deg(rng.uniform(38, 52));  // from the opening's plane inwards
  std::vector<Ring> rings;
  for (int i = 0; i <= kSteps; ++i) {
    const double f = static_cast<double>(i) / kSteps, a = from + (to - from) * f;
    const double taper = std::max(0.08, std::pow(std::sin(kPi * f), 0.6));
    const cv::Vec3d out(std::cos(a), 0, std::sin(a));
    Ring ring;
    const auto point = [&](double beta, double radius) {
      ring.push_back(head.center + radius * std::cos(beta) * out -
                     cv::Vec3d(0, left * radius * std::sin(beta), 0));
    };
    for (int k = 0; k < kAcross; ++k)
      point(depth * taper * (static_cast<double>(k) / (kAcross - 1) - 0.1), socket_radius);
    for (int k = kAcross - 1; k >= 0; --k) {
      const double x = static_cast<double>(k) / (kAcross - 1);
      point(depth * taper * (x - 0.1),
            socket_radius +
                thickness_mm * taper * (0.25 + 0.75 * std::sin(kPi * std::min(1.0, x + 0.25))));
    }
    rings.push_back(std::move(ring));
  }
  return loft(rings);
}

/// The arcuate line: a bar of dense bone from the socket's roof up to the sacroiliac joint, where
/// it turns back in an arch. From the side it crosses the promontory as a bright line.
Mesh arcuate_bar(const Patient& patient, const SpinePose& pose, double left, Rng rng) {
  const cv::Vec3d middle = 0.5 * (pose.s1_post + pose.s1_ant);
  const double d = patient.s1_depth, w = patient.head_separation / kDrawnSeparationMm;
  const double shift = rng.normal_within(0, 5, -11, 11), rise = rng.normal_within(-1, 4, -9, 7);
  const auto sacral = [&](double x, double y, double z) {
    cv::Vec3d p = middle + pose.sacrum_axes * cv::Vec3d(x * d + shift, 0, z + rise);
    p[1] = left * y * w;
    return p;
  };
  const cv::Vec3d peak = sacral(-0.08, 50, 0);
  const cv::Vec3d start(rng.uniform(-2, 9), left * 74 * w, patient.head_radius + 9);
  const double bow = rng.uniform(-6, 8), strength = rng.uniform(0.2, 1.25);
  const double broad = rng.uniform(0.8, 1.7);
  const auto on_way = [&](double f) {
    const cv::Vec3d p = (1 - f) * start + f * peak;
    return p + cv::Vec3d(4 * f * (1 - f) * bow, 0, 0);
  };
  Tube bar;
  bar.side = {0, 1, 0};
  bar.segments = 14;
  bar.nodes = {{start, 1.2, 0.8 * broad},
               {on_way(0.35), 2.4 * strength, 1.3 * broad},
               {on_way(0.7), 4.2 * strength, 1.8 * broad},
               {on_way(0.92), 4.2 * strength, 1.7 * broad},
               {peak, 3.8 * strength, 1.4 * broad},
               {sacral(-0.24, 48, -5), 3.0 * strength, 1.2},
               {sacral(-0.34, 46, -17), 1.2, 0.6}};
  return tube(bar);
}

/// Turns and stretches the drawn hip bone so that its sacroiliac joint meets the sacrum, while the
/// part around and below the hip follows the pelvis's tilt only.
struct HipPlacement {
  double stretch = 1, upper_rad = 0, lower_rad = 0;
  [[nodiscard]] LateralPoint operator()(LateralPoint p) const {
    const double w = smoothstep(0, 75, p.z);
    const double a = lower_rad + w * (upper_rad - lower_rad), s = 1 + w * (stretch - 1);
    return {s * (std::cos(a) * p.x - std::sin(a) * p.z),
            s * (std::sin(a) * p.x + std::cos(a) * p.z)};
  }
};

HipPlacement place_hips(const Patient& patient, const SpinePose& pose, Rng& rng) {
  constexpr LateralPoint kJoint{-66, 84};
  const cv::Vec3d middle = 0.5 * (pose.s1_post + pose.s1_ant);
  const cv::Vec3d joint =
      middle + pose.sacrum_axes * cv::Vec3d(-11, 0, -0.21 * patient.sacrum_length);
  HipPlacement place;
  place.stretch =
      std::clamp(std::hypot(joint[0], joint[2]) / std::hypot(kJoint.x, kJoint.z), 0.78, 1.3);
  place.upper_rad =
      std::remainder(std::atan2(joint[2], joint[0]) - std::atan2(kJoint.z, kJoint.x), 2 * kPi);
  const double tilt = rad_from_deg(patient.pt - (0.37 * patient.pi - 7) + rng.normal(0, 3));
  place.lower_rad = 0.5 * (tilt + place.upper_rad);
  return place;
}

}  // namespace

std::array<Bone, 2> build_hip_bones(const Patient& patient, const SpinePose& pose, Rng rng) {
  const HipSheet sheet(patient, rng.split("sheet"));
  const HipGrid grid = sample_grid(sheet);
  Rng placing = rng.split("place");
  const HipPlacement place = place_hips(patient, pose, placing);
  const double wall = 1.0 * patient.cortical_thickness;
  Mesh outer = mesh_sheet(sheet, grid, 0);
  Mesh inner = mesh_sheet(sheet, grid, wall);
  Rng border = rng.split("border");
  const double strength = border.uniform(0.4, 1.1);
  // The outline runs anticlockwise seen with x to the right, the foramen clockwise.
  append(outer, border_strip(sheet, sheet.outline(), -1.1, strength, border.split("outline")));
  append(outer, border_strip(sheet, sheet.hole(), -1.1, 0.7 * strength, border.split("hole")));
  for (Mesh* mesh : {&outer, &inner}) {
    for (auto& v : mesh->vertices) {
      const LateralPoint p = place({v[0], v[2]});
      v[0] = static_cast<float>(p.x);
      v[2] = static_cast<float>(p.z);
    }
  }
  std::array<Bone, 2> bones;
  for (int side = 0; side < 2; ++side) {
    Bone& bone = bones[static_cast<std::size_t>(side)];
    bone.name = side == 0 ? "ilium_left" : "ilium_right";
    bone.cancellous_density = cancellous_density(patient.bone_density);
    bone.outer = outer;
    bone.inner = inner;
    const SmoothNoise noise(rng.split("noise", static_cast<std::uint64_t>(side)), 1.2, 70);
    const cv::Vec3d head = pose.heads[0].center;
    for (Mesh* mesh : {&bone.outer, &bone.inner}) {
      for (auto& v : mesh->vertices) {
        // The socket keeps its shape.
        const double r = cv::norm(cv::Vec3d(v) - head);
        v += cv::Vec3f(smoothstep(1.2, 2.2, r / patient.head_radius) * noise(cv::Vec3d(v)));
        if (side == 1) v[1] = -v[1];
      }
      orient_outward(*mesh);
    }
    const double left = side == 0 ? 1 : -1;
    const auto i = static_cast<std::uint64_t>(side);
    const double thickness = Rng(rng.split("sclerosis", i)).uniform(2.2, 4.2);
    append(bone.outer, socket_roof(pose.heads[i], left, sheet.socket_radius(), thickness,
                                   rng.split("roof", i)));
    append(bone.outer, arcuate_bar(patient, pose, left, rng.split("bar", i)));
  }
  return bones;
}

}  // namespace spine::sim
