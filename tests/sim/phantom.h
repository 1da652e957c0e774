#pragma once
#include "spine/sim/mesh_build.h"
#include "spine/sim/projector.h"

namespace spine::test {

/// A simple anatomy of spheres with analytic path lengths and landmarks.
inline sim::Anatomy sphere_anatomy() {
  sim::Anatomy anatomy;
  const auto sphere_bone = [](const char* name, const cv::Vec3d& center, double radius) {
    sim::Bone bone;
    bone.name = name;
    bone.outer = sim::sphere(center, radius, 48, 96);
    bone.inner = sim::sphere(center, radius - 2, 48, 96);
    return bone;
  };
  static constexpr const char* kNames[] = {"L1", "L2", "L3", "L4", "L5"};
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    const cv::Vec3d center(40, 0, 280 - 35.0 * static_cast<double>(i));
    anatomy.bones.push_back(sphere_bone(kNames[i], center, 15));
    anatomy.bodies[i] = sim::sphere(center, 15, 48, 96);
    anatomy.vertebrae[i] = {center + cv::Vec3d(-15, 0, 8), center + cv::Vec3d(15, 0, 8),
                            center + cv::Vec3d(-15, 0, -8), center + cv::Vec3d(15, 0, -8)};
    anatomy.frames[i].center = center;
    anatomy.frames[i].anterior = {1, 0, 0};
    anatomy.frames[i].left = {0, 1, 0};
    anatomy.frames[i].up = {0, 0, 1};
  }
  anatomy.sacral_bodies = sim::sphere({0, 0, 80}, 25, 48, 96);
  anatomy.s1_post = {-15, 0, 100};
  anatomy.s1_ant = {18, 0, 95};
  anatomy.frames[5].center = {0, 0, 90};
  anatomy.heads = {{{{4, 85, 0}, 24}, {{-4, -85, 0}, 24}}};
  anatomy.thorax_top = {30, 0, 360};
  return anatomy;
}

/// A film of 300 x 450 mm, 1.2 m from the source, 200 mm behind the mid-sagittal plane.
inline sim::ViewGeometry plain_view(Side anterior = Side::left) {
  sim::ViewGeometry view;
  view.anterior = anterior;
  view.source = {20, -1000, 135};
  view.right = {anterior == Side::left ? -1.0 : 1.0, 0, 0};
  view.down = {0, 0, -1};
  view.width_mm = 300;
  view.height_mm = 450;
  view.detector_origin = cv::Vec3d(20, 200, 135) - view.right * 150 - view.down * 225;
  return view;
}

}  // namespace spine::test
