#include <array>
#include <cmath>
#include <string>

#include "spine/core/geometry.h"
#include "spine/sim/anatomy.h"
#include "spine/sim/femur_mesh.h"
#include "spine/sim/hip_bone_mesh.h"
#include "spine/sim/mesh_build.h"
#include "spine/sim/sacral_junction.h"
#include "spine/sim/sacrum_mesh.h"
#include "spine/sim/vertebra_mesh.h"
#include "spine/sim/vertebral_arch.h"

namespace spine::sim {

namespace {

/// World to the level's own frame.
cv::Vec3d to_local(const LevelPose& pose, const cv::Vec3d& p) {
  return pose.axes.t() * (p - pose.center);
}

/// What lies below level i, in that level's frame.
NeighbourBelow below_level(const SpinePose& pose, std::size_t i) {
  const LevelPose& own = pose.levels[i];
  const cv::Matx33d axes =
      i == 4 ? pose.sacrum_axes : pose.levels[i == 5 ? 0 : (i > 5 ? i - 1 : i + 1)].axes;
  const cv::Vec3d corner =
      i == 4 ? pose.s1_post : pose.levels[i == 5 ? 0 : (i > 5 ? i - 1 : i + 1)].corners.sup_post;
  const cv::Matx33d relative = own.axes.t() * axes;
  return {to_local(own, corner),
          {relative(0, 0), relative(1, 0), relative(2, 0)},
          {relative(0, 2), relative(1, 2), relative(2, 2)}};
}

struct Vertebra {
  Bone bone;
  Mesh body;
  VertebraFrame frame;
};

Vertebra build_vertebra(const Patient& patient, const SpinePose& pose, std::size_t i, Rng rng) {
  const LevelPose& level = pose.levels[i];
  const LevelShape& shape = patient.levels[i];
  Vertebra v;
  BodyForm form;
  form.shape = shape;
  form.corners = {to_local(level, level.corners.sup_post), to_local(level, level.corners.sup_ant),
                  to_local(level, level.corners.inf_post), to_local(level, level.corners.inf_ant)};
  form.cortex_wall_mm = 0.40 * patient.cortical_thickness;
  form.cortex_endplate_mm = 0.95 * patient.cortical_thickness * rng.uniform(0.8, 1.25);
  // Endplates at degenerate discs are sclerotic.
  form.cortex_endplate_mm *= 1 + 0.5 * (1 - smoothstep(2.5, 6.0, shape.disc_height));
  BodyMeshes body = build_body(form, rng.split("body"));

  v.bone.name = kLevelNames[i];
  v.bone.cancellous_density = cancellous_density(patient.bone_density);
  Bone arch;
  ArchForm arch_form;
  arch_form.level = static_cast<int>(form_of_level(patient, i));
  arch_form.post_x = 0.5 * (form.corners.sup_post[0] + form.corners.inf_post[0]);
  arch_form.sup_z = form.corners.sup_post[2];
  arch_form.inf_z = form.corners.inf_post[2];
  arch_form.size = shape.depth_sup / (i < kLumbarCount ? 34.0 : 30.0);
  arch_form.cortex_mm = 1.0 * patient.cortical_thickness;
  arch_form.below = below_level(pose, i);
  Rng joint = rng.split("arthrosis");
  arch_form.arthrosis =
      smoothstep(40, 85, patient.age) * joint.uniform(0.2, 1.2) * (i == 3 || i == 4 ? 1.0 : 0.6);
  add_arch(arch, v.frame, arch_form, rng.split("arch"));
  const SmoothNoise noise(rng.split("noise"), 0.7, 26), rough(rng.split("rough"), 0.25, 9);
  noise.displace(arch.outer);
  noise.displace(arch.inner);
  rough.displace(arch.inner);  // an uneven cortex

  v.body = body.outer;
  v.bone.outer = std::move(body.outer);
  v.bone.inner = std::move(body.inner);
  append(v.bone.outer, arch.outer);
  append(v.bone.inner, arch.inner);
  const Transform placement{level.axes, level.center};
  transform(v.bone.outer, placement);
  transform(v.bone.inner, placement);
  transform(v.body, placement);

  VertebraFrame& f = v.frame;
  f.center = level.center;
  f.anterior = {level.axes(0, 0), level.axes(1, 0), level.axes(2, 0)};
  f.left = {level.axes(0, 1), level.axes(1, 1), level.axes(2, 1)};
  f.up = {level.axes(0, 2), level.axes(1, 2), level.axes(2, 2)};
  f.depth_mm = 0.5 * (shape.depth_sup + shape.depth_inf);
  f.width_mm = 0.5 * (shape.width_sup + shape.width_inf);
  f.height_mm = 0.5 * (shape.height_ant + shape.height_post);
  for (auto& p : f.pedicle_center) p = placement(p);
  return v;
}

/// A rib as a thin curved tube: from the vertebra backwards, round the trunk and down.
Bone build_rib(const Patient& patient, const SpinePose& pose, int number, int side, Rng rng) {
  const std::size_t i = kLevelsUpwards[rib_place(patient, number)];
  const LevelPose& level = pose.levels[i];
  const LevelShape& shape = patient.levels[i];
  const double left = side == 0 ? 1 : -1;
  const double size = (patient.female ? 0.95 : 1.05) * (1 + 0.006 * (patient.body_mass_index - 25));
  const double half_width = 132 * size, half_depth = 88 * size;
  const double length = (number == 12 ? 115 : (number == 11 ? 215 : 270)) * size *
                        rng.normal_within(1, 0.12, 0.6, 1.3);
  const double fall = rng.normal_within(0.62, 0.09, 0.35, 0.9);
  const double edge_y = left * 0.5 * shape.width_sup * 0.82;
  const cv::Vec3d start = level.center + level.axes * cv::Vec3d(-0.5 * shape.depth_sup - 1, edge_y,
                                                                0.3 * shape.height_post);
  Tube rib;
  rib.side = {0, 0, 1};
  rib.segments = 14;
  rib.step_mm = 5;
  // The trunk's ellipse, its back some way behind the bodies.
  const cv::Vec3d trunk =
      level.center + cv::Vec3d(half_depth - 0.5 * shape.depth_sup - 38 * size, 0, 0);
  double along = 0, psi = 0.24;
  cv::Vec3d previous = start;
  rib.nodes.push_back({start, 5.0, 4.0});
  while (along < length && psi < 2.6) {
    cv::Vec3d p =
        trunk + cv::Vec3d(-half_depth * std::cos(psi), left * half_width * std::sin(psi), 0);
    p[2] = start[2] - fall * (along + cv::norm(cv::Vec2d(p[0] - previous[0], p[1] - previous[1])));
    along += cv::norm(p - previous);
    previous = p;
    const double thin = along > length - 25 ? 0.75 : 1.0;
    rib.nodes.push_back({p, 6.0 * size * thin, 3.4 * size * thin});
    psi += 0.17;
  }
  Bone bone;
  bone.name = "rib_" + std::to_string(number) + (side == 0 ? "_left" : "_right");
  bone.cancellous_density = cancellous_density(patient.bone_density);
  add_tube(bone, rib, 0.8 * patient.cortical_thickness);
  return bone;
}

class ParametricAnatomy final : public AnatomySource {
 public:
  [[nodiscard]] Anatomy build(const Patient& patient, const SpinePose& pose,
                              Rng rng) const override {
    Anatomy anatomy;
    for (std::size_t i = 0; i < kLevelCount; ++i) {
      Vertebra v = build_vertebra(patient, pose, i, rng.split("vertebra", i));
      if (i < kLumbarCount) {
        anatomy.bodies[i] = std::move(v.body);
        anatomy.vertebrae[i] = pose.levels[i].corners;
        anatomy.frames[i] = v.frame;
      }
      anatomy.bones.push_back(std::move(v.bone));
    }
    SacrumModel sacrum = build_sacrum(patient, pose, rng.split("sacrum"));
    anatomy.sacral_bodies = std::move(sacrum.bodies);
    anatomy.frames[kLumbarCount] = sacrum.frame;
    anatomy.bones.push_back(std::move(sacrum.sacrum));
    anatomy.bones.push_back(std::move(sacrum.alae));
    for (Bone& bone : build_hip_bones(patient, pose, rng.split("hips"))) {
      anatomy.bones.push_back(std::move(bone));
    }
    for (int side = 0; side < 2; ++side) {
      const auto s = static_cast<std::uint64_t>(side);
      anatomy.bones.push_back(build_femur(patient, pose.heads[s], side, rng.split("femur", s)));
      for (int number = 10; number <= 12; ++number) {
        if (rib_place(patient, number) >= kLevelCount) continue;
        anatomy.bones.push_back(
            build_rib(patient, pose, number, side,
                      rng.split("rib", 2 * static_cast<std::uint64_t>(number) + s)));
      }
    }
    const auto [s1_post, s1_ant] = s1_corners(patient, pose);
    anatomy.s1_post = s1_post;
    anatomy.s1_ant = s1_ant;
    anatomy.heads = pose.heads;
    anatomy.thorax_top = pose.levels[kLevelCount - 1].center;
    return anatomy;
  }
};

}  // namespace

std::unique_ptr<AnatomySource> make_parametric_anatomy() {
  return std::make_unique<ParametricAnatomy>();
}

}  // namespace spine::sim
