#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "spine/core/error.h"
#include "spine/sim/anatomy.h"
#include "spine/sim/mesh_build.h"
#include "spine/sim/mesh_cut.h"
#include "spine/sim/mesh_io.h"
#include "spine/sim/mesh_ops.h"
#include "spine/sim/sacral_junction.h"
#include "spine/sim/sacrum_loft.h"
#include "spine/sim/vertebra_model.h"

namespace spine::sim {
namespace {

constexpr std::size_t kVertebraFaces = 9000;
constexpr double kMetre = 1000;  // the low-poly meshes are in metres

// Places in the low-poly pelvis's own frame (mm after conversion; x anterior, y left, z up): hip
// joint centre (left) and the middle of its S1 endplate.
const cv::Vec3d kHipCenter(-70.7, 83.5, -66.1);
const cv::Vec3d kS1Middle(-78.0, 0.0, 42.5);
constexpr double kFemurCut = -190;     // the film ends above the rest of the shaft
constexpr double kJointSpaceMm = 3.5;  // femoral head to acetabular bone
constexpr std::size_t kRibCount = 4;   // 12th to 9th

/// A low-poly bone: metres, y up and z right, as stored; becomes mm, closed and smooth.
Mesh load_low_poly(const std::filesystem::path& file) {
  Mesh mesh = read_stl(file);
  Transform axes;
  axes.linear = cv::Matx33d(kMetre, 0, 0, 0, 0, -kMetre, 0, kMetre, 0);
  return transformed(mesh, axes);
}

void require_closed(const Mesh& mesh, const std::filesystem::path& file) {
  if (!is_closed(mesh)) {
    throw Error(ErrorKind::unreadable,
                "load anatomy " + file.string() + ": expected a closed surface, found open edges");
  }
}

/// Subdivision shrinks a mesh; a constant outward offset restores its volume.
Mesh smooth(const Mesh& mesh, int times) {
  Mesh out = loop_subdivide(mesh, times);
  const double layer = (signed_volume(mesh) - signed_volume(out)) / surface_area(out);
  return offset_inward(out, std::vector<float>(out.vertices.size(), static_cast<float>(-layer)));
}

Mesh load_smooth(const std::filesystem::path& file, int times) {
  Mesh mesh = load_low_poly(file);
  remove_surplus_faces(mesh);
  require_closed(mesh, file);
  if (signed_volume(mesh) < 0) flip_faces(mesh);
  return smooth(mesh, times);
}

VertebraModel load_vertebra(const std::filesystem::path& file) {
  const Mesh mesh = read_ply(file);
  require_closed(mesh, file);
  try {
    return {mesh, kVertebraFaces};
  } catch (const Error& error) {
    throw error.within("load anatomy " + file.string());
  }
}

struct Femur {
  Mesh mesh;  ///< of the left side
  cv::Vec3d head;
  double radius_mm = 0;
};

Femur load_femur(const std::filesystem::path& file) {
  const Mesh whole = load_smooth(file, 1);
  std::vector<double> field;
  for (const auto& v : whole.vertices) field.push_back(static_cast<double>(v[2]) - kFemurCut);
  Femur femur;
  femur.mesh = cut_and_cap(whole, field, [](const cv::Vec3d& p) { return cv::Vec2d(p[0], p[1]); });
  // The head: fit, drop what is not on the sphere (the neck), fit again.
  cv::Vec3d center(0, 0, 0);
  double radius = 24;
  for (int i = 0; i < 4; ++i) {
    std::vector<cv::Vec3d> points;
    for (const auto& v : femur.mesh.vertices) {
      const cv::Vec3d p(v);
      if (std::abs(cv::norm(p - center) - radius) < 2 && p[1] < center[1] + 0.5 * radius) {
        points.push_back(p);
      }
    }
    if (points.size() < 20) {
      throw Error(ErrorKind::unreadable,
                  "load anatomy " + file.string() +
                      ": expected a femoral head about the origin, found none");
    }
    std::tie(center, radius) = fit_sphere(points);
  }
  femur.head = center;
  femur.radius_mm = radius;
  return femur;
}

/// Ribs of the left side, 12th first: long closed pieces that lie low in the chest.
std::vector<Mesh> load_ribs(const std::filesystem::path& file) {
  struct Rib {
    Mesh mesh;
    float top = 0;
  };
  std::vector<Rib> ribs;
  for (const Mesh& part : components(load_low_poly(file))) {
    cv::Vec3f low = part.vertices[0];
    cv::Vec3f high = low;
    for (const auto& v : part.vertices) {
      for (int c = 0; c < 3; ++c) {
        low[c] = std::min(low[c], v[c]);
        high[c] = std::max(high[c], v[c]);
      }
    }
    const bool left = low[1] > 0;
    const bool long_one = high[0] - low[0] > 60;
    if (left && long_one && is_closed(part)) ribs.push_back({part, high[2]});
  }
  std::sort(ribs.begin(), ribs.end(), [](const Rib& a, const Rib& b) { return a.top < b.top; });
  if (ribs.size() < kRibCount) {
    throw Error(ErrorKind::unreadable, "load anatomy " + file.string() + ": expected at least " +
                                           std::to_string(kRibCount) +
                                           " closed ribs of the left side, found " +
                                           std::to_string(ribs.size()));
  }
  std::vector<Mesh> out;
  for (std::size_t i = 0; i < kRibCount; ++i) {
    Mesh rib = ribs[i].mesh;
    if (signed_volume(rib) < 0) flip_faces(rib);
    out.push_back(smooth(rib, 1));
  }
  return out;
}

/// Mean of the vertices nearest to the midline: where a rib meets its vertebra.
cv::Vec3d rib_head(const Mesh& rib) {
  float nearest = std::abs(rib.vertices[0][1]);
  for (const auto& v : rib.vertices) nearest = std::min(nearest, std::abs(v[1]));
  cv::Vec3d sum(0, 0, 0);
  double count = 0;
  for (const auto& v : rib.vertices) {
    if (std::abs(v[1]) > nearest + 6) continue;
    sum += cv::Vec3d(v);
    ++count;
  }
  return sum * (1 / count);
}

cv::Matx33d rotation_about_left(double angle) {  // x towards z
  return {std::cos(angle), 0, -std::sin(angle), 0, 1, 0, std::sin(angle), 0, std::cos(angle)};
}

class MeshAnatomy final : public AnatomySource {
 public:
  explicit MeshAnatomy(const std::filesystem::path& folder) {
    if (!std::filesystem::is_directory(folder)) {
      throw Error(ErrorKind::not_found,
                  "load anatomy " + folder.string() + ": expected a folder, found none");
    }
    for (const char* name : {"L2.ply", "L3.ply", "L4.ply", "L5.ply"}) {
      vertebrae_.push_back(load_vertebra(folder / "lumbar_mean" / name));
    }
    hip_ = load_smooth(folder / "myo_sim" / "l_pelvis.stl", 2);
    femur_ = load_femur(folder / "myo_sim" / "l_femur.stl");
    ribs_ = load_ribs(folder / "myo_sim" / "hat_ribs_scap.stl");
  }

  [[nodiscard]] Anatomy build(const Patient& patient, const SpinePose& pose,
                              Rng rng) const override {
    Anatomy anatomy;
    add_vertebrae(patient, pose, rng, anatomy);
    add_sacrum(patient, pose, rng, anatomy);
    for (std::size_t side = 0; side < 2; ++side) {
      add_hip(patient, pose, side, rng, anatomy);
      add_femur(patient, pose, side, rng, anatomy);
      add_ribs(patient, pose, side, rng, anatomy);
    }
    const auto [s1_post, s1_ant] = s1_corners(patient, pose);
    anatomy.s1_post = s1_post;
    anatomy.s1_ant = s1_ant;
    anatomy.heads = pose.heads;
    anatomy.thorax_top = pose.levels[7].center;
    return anatomy;
  }

 private:
  static Bone make_bone(const Patient& patient, std::string name, Mesh outer, Mesh inner) {
    Bone bone;
    bone.name = std::move(name);
    bone.outer = std::move(outer);
    bone.inner = std::move(inner);
    bone.cancellous_density = cancellous_density(patient.bone_density);
    bone.cortical_density = 0.5 + 0.5 * patient.bone_density;
    return bone;
  }

  /// A bone with a cortex of constant thickness.
  static Bone shell(const Patient& patient, std::string name, Mesh outer, double cortex_mm) {
    const auto depth = static_cast<float>(cortex_mm * patient.cortical_thickness);
    Mesh inner = offset_inward(outer, std::vector<float>(outer.vertices.size(), depth));
    return make_bone(patient, std::move(name), std::move(outer), std::move(inner));
  }

  void add_vertebrae(const Patient& patient, const SpinePose& pose, const Rng& rng,
                     Anatomy& anatomy) const {
    for (std::size_t level = 0; level < kLevelCount; ++level) {
      // L1 and the thoracic levels are made from L2.
      const std::size_t source = level >= 1 && level < kLumbarCount ? level - 1 : 0;
      VertebraModel::Variation variation;
      variation.shape = patient.levels[level];
      variation.pose = pose.levels[level];
      variation.cortical_thickness = patient.cortical_thickness;
      const std::size_t form = form_of_level(patient, level);
      variation.thoracic = form == 0   ? 0.1
                           : form >= 5 ? 0.5 + 0.2 * static_cast<double>(form - 5)
                                       : 0;
      auto result = vertebrae_[source].warp(variation, rng.split("vertebra", level));
      anatomy.bones.push_back(
          make_bone(patient, kLevelNames[level], std::move(result.outer), std::move(result.inner)));
      if (level >= kLumbarCount) continue;
      anatomy.bodies[level] = std::move(result.body);
      anatomy.vertebrae[level] = pose.levels[level].corners;
      anatomy.frames[level] = result.frame;
    }
  }

  static void add_sacrum(const Patient& patient, const SpinePose& pose, const Rng& rng,
                         Anatomy& anatomy) {
    auto sacrum = loft_sacrum(patient, pose, rng.split("sacrum"));
    Bone bone = make_bone(patient, "sacrum", std::move(sacrum.outer), std::move(sacrum.inner));
    bone.cancellous_density = cancellous_density(0.4 * patient.bone_density);  // mostly marrow
    anatomy.bones.push_back(std::move(bone));
    anatomy.bones.push_back(shell(patient, "coccyx", std::move(sacrum.coccyx), 0.6));
    anatomy.sacral_bodies = std::move(sacrum.bodies);
    VertebraFrame& frame = anatomy.frames[kLumbarCount];
    const auto column = [&pose](int c) {
      return cv::Vec3d(pose.sacrum_axes(0, c), pose.sacrum_axes(1, c), pose.sacrum_axes(2, c));
    };
    frame.anterior = column(0);
    frame.left = column(1);
    frame.up = column(2);
    frame.depth_mm = cv::norm(pose.s1_ant - pose.s1_post);
    frame.width_mm = patient.s1_width;
    frame.height_mm = 0.3 * patient.sacrum_length;
    frame.center = (pose.s1_post + pose.s1_ant) * 0.5 - frame.up * (frame.height_mm / 2);
    frame.pedicle_height_mm = 20;
    frame.pedicle_width_mm = 15;
    for (std::size_t side = 0; side < 2; ++side) {
      const double out = side == 0 ? 1 : -1;
      frame.pedicle_center[side] = pose.s1_post - frame.up * 11 - frame.anterior * 6 +
                                   frame.left * (out * 0.42 * patient.s1_width);
    }
  }

  void add_hip(const Patient& patient, const SpinePose& pose, std::size_t side, const Rng& rng,
               Anatomy& anatomy) const {
    const HeadTruth& head = pose.heads[side];
    // Rotate and scale so that hip axis and S1 endplate of the bone meet those of the pose.
    const cv::Vec3d axis = (pose.heads[0].center + pose.heads[1].center) * 0.5;
    const cv::Vec3d to_s1 = (pose.s1_post + pose.s1_ant) * 0.5 - axis;
    const cv::Vec3d own = kS1Middle - cv::Vec3d(kHipCenter[0], 0, kHipCenter[2]);
    const double angle = std::atan2(to_s1[2], to_s1[0]) - std::atan2(own[2], own[0]);
    const double scale = std::hypot(to_s1[0], to_s1[2]) / std::hypot(own[0], own[2]);
    const double lateral =
        cv::norm(pose.heads[0].center - pose.heads[1].center) / 2 / kHipCenter[1];
    Rng draw = rng.split("ilium");
    const double crest = draw.normal_within(1, 0.06, 0.85, 1.15);
    Transform place;
    place.linear = rotation_about_left(angle) *
                   cv::Matx33d(scale, 0, 0, 0, side == 0 ? lateral : -lateral, 0, 0, 0, scale);
    place.offset = head.center - place.linear * kHipCenter;

    Mesh shaped = hip_;
    for (auto& v : shaped.vertices) {
      const float above = v[2] - static_cast<float>(kHipCenter[2]);
      if (above > 40) v[2] += (above - 40) * static_cast<float>(crest - 1);
    }
    SmoothNoise(draw.split("shape"), 2.5, 110).displace(shaped);  // the same for both sides
    Mesh outer = transformed(shaped, place);
    SmoothNoise(rng.split("ilium side", side), 1.0, 90).displace(outer);
    carve_socket(head, outer);
    anatomy.bones.push_back(
        shell(patient, side == 0 ? "ilium_left" : "ilium_right", std::move(outer), 1.4));
  }

  /// Moves vertices out of the joint space, so that the acetabulum is concentric with the femoral
  /// head.
  static void carve_socket(const HeadTruth& head, Mesh& hip) {
    const double cup = head.radius_mm + kJointSpaceMm;
    for (auto& v : hip.vertices) {
      const cv::Vec3d ray = cv::Vec3d(v) - head.center;
      const double distance = cv::norm(ray);
      if (distance < cup && distance > 1e-6) v = cv::Vec3f(head.center + ray * (cup / distance));
    }
  }

  void add_femur(const Patient& patient, const SpinePose& pose, std::size_t side, const Rng& rng,
                 Anatomy& anatomy) const {
    const HeadTruth& head = pose.heads[side];
    Rng draw = rng.split("femur", side);
    const double swing = draw.normal_within(0, 0.1, -0.3, 0.3);  // flexion, rad
    const double scale = head.radius_mm / femur_.radius_mm;
    Transform place;
    place.linear = rotation_about_left(swing) *
                   cv::Matx33d(scale, 0, 0, 0, side == 0 ? scale : -scale, 0, 0, 0, scale);
    place.offset = head.center - place.linear * femur_.head;
    Mesh outer = transformed(femur_.mesh, place);
    // Vertices of the head, near the sphere already, are put onto it.
    for (auto& v : outer.vertices) {
      const cv::Vec3d ray = cv::Vec3d(v) - head.center;
      const double distance = cv::norm(ray);
      if (std::abs(distance - head.radius_mm) < 0.05 * head.radius_mm) {
        v = cv::Vec3f(head.center + ray * (head.radius_mm / distance));
      }
    }
    anatomy.bones.push_back(
        shell(patient, side == 0 ? "femur_left" : "femur_right", std::move(outer), 1.2));
  }

  void add_ribs(const Patient& patient, const SpinePose& pose, std::size_t side, const Rng& rng,
                Anatomy& anatomy) const {
    Rng draw = rng.split("ribs");
    const double droop = draw.normal_within(0.12, 0.12, -0.1, 0.4);  // rad
    for (std::size_t i = 0; i < ribs_.size(); ++i) {
      const int number = 12 - static_cast<int>(i);
      const std::size_t up = rib_place(patient, number), top = kLevelCount - 1;
      const std::size_t level = kLevelsUpwards[std::min(up, top)];
      const LevelPose& at = pose.levels[level];
      const LevelShape& shape = patient.levels[level];
      const double above = up > top ? 24.0 * static_cast<double>(up - top) : 0.0;
      const double out = side == 0 ? 1 : -1;
      const cv::Vec3d joint(-0.42 * shape.depth_sup, out * (0.5 * shape.width_sup + 1),
                            above + (i == 0 ? 0.0 : 0.3 * shape.height_post));
      const double scale = shape.depth_sup / 33.0;
      // Ribs follow half the tilt of their vertebra, since the thorax moves as a whole.
      const double tilt = 0.5 * std::atan2(at.axes(2, 0), at.axes(0, 0)) - droop;
      Transform place;
      place.linear =
          rotation_about_left(tilt) * cv::Matx33d(scale, 0, 0, 0, out * scale, 0, 0, 0, scale);
      place.offset = at.center + at.axes * joint - place.linear * rib_head(ribs_[i]);
      const std::string name = "rib_" + std::to_string(number) + (side == 0 ? "_left" : "_right");
      anatomy.bones.push_back(shell(patient, name, transformed(ribs_[i], place), 0.9));
    }
  }

  std::vector<VertebraModel> vertebrae_;  ///< L2–L5
  Mesh hip_;                              ///< left
  Femur femur_;
  std::vector<Mesh> ribs_;  ///< left, 12th first
};

}  // namespace

std::unique_ptr<AnatomySource> load_mesh_anatomy(const std::filesystem::path& folder) {
  return std::make_unique<MeshAnatomy>(folder);
}

}  // namespace spine::sim
