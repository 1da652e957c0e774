#include "spine/sim/femur_mesh.h"

#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "spine/core/geometry.h"
#include "spine/sim/anatomy.h"
#include "spine/sim/mesh_build.h"

namespace spine::sim {

namespace {

/// One surface from the head's pole over the neck into the trochanter, drawn in by an inset.
Mesh head_and_neck(const HeadTruth& head, const cv::Vec3d& axis, double k, double head_inset,
                   double neck_inset) {
  constexpr int kSegments = 48, kHeadRings = 26;
  constexpr double kEnd = 2.42;  // polar angle at which the neck begins, rad
  const cv::Vec3d side = cv::normalize(cv::Vec3d(1, 0, 0) - axis[0] * axis),
                  other = axis.cross(side);
  std::vector<Ring> rings;
  const auto add = [&](double along, double half_side, double half_other) {
    Ring ring;
    for (int i = 0; i < kSegments; ++i) {
      const double phi = 2 * kPi * i / kSegments;
      ring.push_back(head.center + along * axis + std::cos(phi) * half_side * side +
                     std::sin(phi) * half_other * other);
    }
    rings.push_back(std::move(ring));
  };
  const double r = head.radius_mm - head_inset;
  for (int i = 1; i <= kHeadRings; ++i) {
    const double theta = kEnd * i / kHeadRings;
    add(-r * std::cos(theta), r * std::sin(theta), r * std::sin(theta));
  }
  const double n = neck_inset;
  add(22 * k, 13.2 * k - n, 15.2 * k - n);
  add(27 * k, 12.0 * k - n, 15.0 * k - n);
  add(35 * k, 11.8 * k - n, 15.2 * k - n);
  add(43 * k, 13.0 * k - n, 17.0 * k - n);
  add(50 * k, 14.5 * k - n, 19.0 * k - n);
  return loft(rings);
}

}  // namespace

Bone build_femur(const Patient& patient, const HeadTruth& head, int side, Rng rng) {
  Bone bone;
  bone.name = side == 0 ? "femur_left" : "femur_right";
  bone.cancellous_density = cancellous_density(patient.bone_density);
  const double left = side == 0 ? 1 : -1, k = patient.head_radius / 24;
  const double cortex = 0.55 * patient.cortical_thickness;
  const double flexion = rad_from_deg(rng.normal_within(8, 9, -12, 40));
  const auto at = [&](double forward, double out, double down) {
    const double x = k * forward, z = -k * down;
    return cv::Vec3d(head.center[0] + std::cos(flexion) * x - std::sin(flexion) * z,
                     head.center[1] + left * k * out,
                     head.center[2] + std::sin(flexion) * x + std::cos(flexion) * z);
  };
  const cv::Vec3d axis = cv::normalize(at(-5, 30, 23) - head.center);
  append(bone.outer, head_and_neck(head, axis, k, 0, 0));
  append(bone.inner, head_and_neck(head, axis, k, cortex, 0.9 * patient.cortical_thickness));
  Tube shaft;
  shaft.side = {1, 0, 0};
  shaft.segments = 28;
  shaft.nodes = {{at(-14, 50, 8), 11 * k, 8 * k},   {at(-12, 49, 22), 17 * k, 13 * k},
                 {at(-9, 44, 45), 17 * k, 17 * k},  {at(-6, 40, 75), 15 * k, 15 * k},
                 {at(-2, 36, 130), 14 * k, 14 * k}, {at(2, 31, 210), 13.5 * k, 13.5 * k}};
  append(bone.outer, tube(shaft));
  // The marrow: a thin cortex in the trochanter, a thick one in the shaft.
  Tube marrow = shaft;
  const std::array<double, 6> wall{1.0, 1.2, 2.0, 4.5, 5.5, 5.5};
  for (std::size_t i = 0; i < marrow.nodes.size(); ++i) {
    marrow.nodes[i].half_side -= wall[i] * patient.cortical_thickness;
    marrow.nodes[i].half_other -= wall[i] * patient.cortical_thickness;
  }
  append(bone.inner, tube(marrow));
  return bone;
}

}  // namespace spine::sim
