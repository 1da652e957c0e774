#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <set>

#include "support/catch.h"

#include "spine/sim/anatomy.h"
#include "spine/sim/mesh_build.h"

using namespace spine;
using namespace spine::sim;
using Catch::Matchers::WithinAbs;

namespace {

Anatomy build(std::uint64_t seed, const Patient& patient) {
  return make_parametric_anatomy()->build(patient, pose_spine(patient), Rng(seed));
}

/// Every directed edge occurs once, with its opposite.
bool closed(const Mesh& mesh) {
  std::map<std::pair<std::uint32_t, std::uint32_t>, int> edges;
  for (const auto& f : mesh.faces) {
    for (std::size_t k = 0; k < 3; ++k) ++edges[{f[k], f[(k + 1) % 3]}];
  }
  return std::all_of(edges.begin(), edges.end(), [&](const auto& e) {
    const auto back = edges.find({e.first.second, e.first.first});
    return back != edges.end() && back->second == e.second;
  });
}

bool finite(const Mesh& mesh) {
  return std::all_of(mesh.vertices.begin(), mesh.vertices.end(), [](const cv::Vec3f& v) {
    return std::isfinite(v[0]) && std::isfinite(v[1]) && std::isfinite(v[2]);
  });
}

/// Largest distance of the mesh along `direction` in the sagittal plane, against that of `corner`.
double support_gap(const Mesh& mesh, const cv::Vec3d& corner, const cv::Vec3d& direction) {
  double most = -1e9;
  for (const cv::Vec3f& v : mesh.vertices) most = std::max(most, direction.dot(cv::Vec3d(v)));
  return most - direction.dot(corner);
}

/// A patient without osteophytes, fractures and scoliosis.
Patient plain_patient(std::uint64_t seed) {
  Patient patient = sample_patient(Rng(seed), {0.0});
  for (LevelShape& s : patient.levels) s.lateral_tilt = s.axial_rotation = 0;
  return patient;
}

}  // namespace

TEST_CASE("parametric bones are closed, face outward and enclose their marrow") {
  for (const std::uint64_t seed : {1, 2, 3, 4}) {
    const Anatomy anatomy = build(seed, sample_patient(Rng(seed), {1.5}));
    for (const Bone& bone : anatomy.bones) {
      INFO(bone.name << " of seed " << seed);
      CHECK(finite(bone.outer));
      CHECK(finite(bone.inner));
      CHECK(closed(bone.outer));
      CHECK(closed(bone.inner));
      CHECK(signed_volume(bone.outer) > 1000);
      CHECK(signed_volume(bone.inner) > 0.4 * signed_volume(bone.outer));
      CHECK(signed_volume(bone.inner) < 0.95 * signed_volume(bone.outer));
    }
    for (const Mesh& body : anatomy.bodies) {
      CHECK(closed(body));
      CHECK(signed_volume(body) > 12000);
    }
    CHECK(closed(anatomy.sacral_bodies));
    CHECK(signed_volume(anatomy.sacral_bodies) > 30000);
  }
}

TEST_CASE("parametric sacra with a varied junction are closed, with a hollow for the first disc") {
  PatientOptions options;
  options.junction_share = 1;
  for (const std::uint64_t seed : {1, 2, 3, 4, 5, 6}) {
    Patient patient = sample_patient(Rng(seed), options);
    const auto sacrum_of = [&] {
      const Anatomy anatomy = build(seed, patient);
      CHECK(closed(anatomy.sacral_bodies));
      for (const Bone& bone : anatomy.bones) {
        INFO(bone.name << " of seed " << seed);
        CHECK(finite(bone.outer));
        CHECK(closed(bone.outer));
        CHECK(closed(bone.inner));
      }
      return *std::find_if(anatomy.bones.begin(), anatomy.bones.end(),
                           [](const Bone& bone) { return bone.name == "sacrum"; });
    };
    patient.junction->remnant_mm = 0.5;
    const double thin = signed_volume(sacrum_of().outer);
    patient.junction->remnant_mm = 6;
    CHECK(signed_volume(sacrum_of().outer) < thin - 500);
  }
}

TEST_CASE("all required bones exist exactly once") {
  const Anatomy anatomy = build(3, plain_patient(3));
  std::set<std::string> names;
  for (const Bone& bone : anatomy.bones) CHECK(names.insert(bone.name).second);
  for (const char* name :
       {"T10", "T11", "T12", "L1", "L2", "L3", "L4", "L5", "sacrum", "ilium_left", "ilium_right",
        "femur_left", "femur_right", "rib_10_left", "rib_11_right", "rib_12_left"}) {
    CHECK(names.count(name) == 1);
  }
}

TEST_CASE("ribs start above the last lumbar body") {
  for (const int count : {4, 5, 6}) {
    Patient patient = plain_patient(3);
    patient.lumbar_bodies = count;
    const SpinePose pose = pose_spine(patient);
    const Anatomy anatomy = build(3, patient);
    const std::size_t level = kLevelsUpwards[static_cast<std::size_t>(count)];
    const double middle = pose.levels[level].center[2];
    std::set<std::string> names;
    for (const Bone& bone : anatomy.bones) {
      names.insert(bone.name);
      if (bone.name != "rib_12_left") continue;
      double top = -1e9;
      for (const cv::Vec3f& v : bone.outer.vertices) top = std::max<double>(top, v[2]);
      CHECK(std::abs(top - middle) < 0.6 * patient.levels[level].height_post);
    }
    CHECK(names.count("rib_12_left") == 1);
    CHECK(names.count("rib_10_right") == (count == 6 ? 0 : 1));  // it would lie above T10
  }
}

TEST_CASE("body silhouettes end at the truth corners") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    const Patient patient = plain_patient(seed);
    const Anatomy anatomy = build(seed, patient);
    for (std::size_t i = 0; i < kLumbarCount; ++i) {
      INFO("L" << i + 1 << " of seed " << seed);
      const VertebraTruth& c = anatomy.vertebrae[i];
      const Mesh& body = anatomy.bodies[i];
      const cv::Vec3d sup = cv::normalize(c.sup_ant - c.sup_post);
      const cv::Vec3d inf = cv::normalize(c.inf_ant - c.inf_post);
      const cv::Vec3d up = cv::normalize(sup.cross(cv::Vec3d(0, 1, 0)));
      // The line through the superior corners touches the rims.
      CHECK(std::abs(support_gap(body, c.sup_post, up)) < 0.05);
      CHECK(std::abs(support_gap(body, c.sup_ant, up)) < 0.05);
      // Along the bisectors the silhouette ends at the corners.
      const cv::Vec3d post_wall = cv::normalize(c.sup_post - c.inf_post);
      const cv::Vec3d ant_wall = cv::normalize(c.sup_ant - c.inf_ant);
      CHECK(std::abs(support_gap(body, c.sup_post, cv::normalize(post_wall - sup))) < 0.3);
      CHECK(std::abs(support_gap(body, c.sup_ant, cv::normalize(ant_wall + sup))) < 0.3);
      CHECK(std::abs(support_gap(body, c.inf_post, cv::normalize(-post_wall - inf))) < 0.3);
      CHECK(std::abs(support_gap(body, c.inf_ant, cv::normalize(inf - ant_wall))) < 0.3);
    }
    const cv::Vec3d e = cv::normalize(anatomy.s1_ant - anatomy.s1_post);
    const cv::Vec3d n = e.cross(cv::Vec3d(0, 1, 0));
    CHECK(std::abs(support_gap(anatomy.sacral_bodies, anatomy.s1_ant, n)) < 0.05);
    CHECK(std::abs(support_gap(anatomy.sacral_bodies, anatomy.s1_post, cv::normalize(n - e))) <
          0.4);
    CHECK(std::abs(support_gap(anatomy.sacral_bodies, anatomy.s1_ant, cv::normalize(n + e))) < 0.4);
  }
}

TEST_CASE("osteophytes protrude from the body without moving its corners") {
  Patient patient = plain_patient(8);
  const Anatomy plain = build(8, patient);
  patient.levels[2].osteophyte = {0, 5, 0, 0};
  const Anatomy spurred = build(8, patient);
  CHECK(cv::norm(plain.vertebrae[2].sup_ant - spurred.vertebrae[2].sup_ant) < 1e-12);
  const cv::Vec3d forward = cv::normalize(plain.vertebrae[2].sup_ant - plain.vertebrae[2].sup_post);
  const double gain = support_gap(spurred.bodies[2], plain.vertebrae[2].sup_ant, forward) -
                      support_gap(plain.bodies[2], plain.vertebrae[2].sup_ant, forward);
  CHECK(gain > 3);
  CHECK(gain < 6.5);
}

TEST_CASE("femoral heads are spheres about the hip centres") {
  const Patient patient = plain_patient(5);
  const Anatomy anatomy = build(5, patient);
  for (std::size_t side = 0; side < 2; ++side) {
    const std::string name = side == 0 ? "femur_left" : "femur_right";
    const auto bone = std::find_if(anatomy.bones.begin(), anatomy.bones.end(),
                                   [&](const Bone& b) { return b.name == name; });
    double top = -1e9, front = -1e9;
    for (const cv::Vec3f& v : bone->outer.vertices) {
      top = std::max(top, static_cast<double>(v[2]));
      if (v[2] > 0) front = std::max(front, static_cast<double>(v[0]));
    }
    CHECK_THAT(top, WithinAbs(anatomy.heads[side].radius_mm, 0.15));
    CHECK_THAT(front, WithinAbs(anatomy.heads[side].radius_mm, 0.15));
  }
}

TEST_CASE("frames contain the positions of the pedicles") {
  const Patient patient = plain_patient(6);
  const Anatomy anatomy = build(6, patient);
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    const VertebraFrame& f = anatomy.frames[i];
    const cv::Vec3d to_left = f.pedicle_center[0] - f.center;
    CHECK(to_left.dot(f.left) > 10);
    CHECK(to_left.dot(f.anterior) < -14);
    CHECK((f.pedicle_center[1] - f.center).dot(f.left) < -10);
    CHECK(f.pedicle_height_mm > 8);
  }
}

TEST_CASE("bones differ between patients and are determined by the stream") {
  const Patient patient = plain_patient(7);
  const Anatomy a = build(1, patient), b = build(1, patient), c = build(2, patient);
  CHECK(a.bones[8].outer.vertices == b.bones[8].outer.vertices);
  CHECK(a.bones[8].outer.vertices != c.bones[8].outer.vertices);
  CHECK(a.bones[2].outer.vertices != c.bones[2].outer.vertices);
}

TEST_CASE("an anatomy is small enough for fast projection and built quickly") {
  const Patient patient = sample_patient(Rng(4));
  const SpinePose pose = pose_spine(patient);
  const auto source = make_parametric_anatomy();
  double best_s = 1e9;
  std::size_t faces = 0;
  for (int i = 0; i < 3; ++i) {  // the best of three, as the machine may be shared
    const auto start = std::chrono::steady_clock::now();
    const Anatomy anatomy = source->build(patient, pose, Rng(4));
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    best_s = std::min(best_s, taken.count());
    faces = 0;
    for (const Bone& bone : anatomy.bones)
      faces += bone.outer.faces.size() + bone.inner.faces.size();
  }
  CHECK(faces > 100000);
  CHECK(faces < 420000);
#ifdef NDEBUG
  CHECK(best_s < 0.5);
#endif
}
