#include <algorithm>
#include <cmath>

#include "sim/ray.h"
#include "support/catch.h"

#include "spine/sim/femur_mesh.h"
#include "spine/sim/hip_bone_mesh.h"
#include "spine/sim/mesh_build.h"
#include "spine/sim/sacrum_mesh.h"

using namespace spine;
using namespace spine::sim;
using Catch::Matchers::WithinAbs;
using test::length_along_y;

namespace {

struct Case {
  Patient patient;
  SpinePose pose;
};
Case sample(std::uint64_t seed) {
  Case c;
  c.patient = sample_patient(Rng(seed));
  c.pose = pose_spine(c.patient);
  return c;
}

double nearest(const Mesh& mesh, const cv::Vec3d& p) {
  double best = 1e9;
  for (const cv::Vec3f& v : mesh.vertices) best = std::min(best, cv::norm(cv::Vec3d(v) - p));
  return best;
}

}  // namespace

TEST_CASE("the sacral bodies start at the S1 endplate and curve forward") {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    Case c = sample(seed);
    c.patient.sacral_kyphosis = 20;
    const SacrumModel straight = build_sacrum(c.patient, c.pose, Rng(seed));
    c.patient.sacral_kyphosis = 80;
    const SacrumModel bent = build_sacrum(c.patient, c.pose, Rng(seed));
    CHECK(nearest(straight.bodies, c.pose.s1_ant) < 1.0);
    CHECK(nearest(straight.bodies, c.pose.s1_post) < 1.0);
    const cv::Vec3d e = cv::normalize(c.pose.s1_ant - c.pose.s1_post);
    const auto end = [&](const SacrumModel& m) {
      return e.dot(cv::Vec3d(m.bodies.vertices.back()) - c.pose.s1_post);
    };
    CHECK(end(bent) > end(straight) + 15);
  }
}

TEST_CASE("a head is clear of its socket, whose floor is closed") {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const Case c = sample(seed);
    const auto hips = build_hip_bones(c.patient, c.pose, Rng(seed));
    for (std::size_t side = 0; side < 2; ++side) {
      INFO("seed " << seed << " side " << side);
      CHECK(nearest(hips[side].outer, c.pose.heads[side].center) > c.patient.head_radius + 1.5);
      CHECK(nearest(hips[side].outer, c.pose.heads[side].center) < c.patient.head_radius + 6);
      const double floor_mm = length_along_y(hips[side].outer, 0.2, 0.3);
      CHECK(floor_mm > 0.8);
      CHECK(floor_mm < 12);
    }
  }
}

TEST_CASE("the obturator foramen is open and bone lies around it") {
  Case c = sample(2);
  const auto hips = build_hip_bones(c.patient, c.pose, Rng(2));
  int open_rows = 0;
  for (double z = -70; z < -20; z += 4) {
    bool before = false, gap = false, after = false;
    for (double x = -60; x < 75; x += 2) {
      const bool bone = length_along_y(hips[0].outer, x + 0.03, z + 0.02) > 0.5;
      if (bone && gap) after = true;
      if (bone) before = true;
      if (!bone && before) gap = true;
    }
    open_rows += before && gap && after;
  }
  CHECK(open_rows >= 4);
}

TEST_CASE("hip bones reach the sacrum's alae for every pelvic incidence") {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const Case c = sample(seed);
    const auto hips = build_hip_bones(c.patient, c.pose, Rng(seed));
    const SacrumModel sacrum = build_sacrum(c.patient, c.pose, Rng(seed));
    double best = 1e9;
    for (std::size_t i = 0; i < hips[0].outer.vertices.size(); i += 7) {
      best = std::min(best, nearest(sacrum.alae.outer, hips[0].outer.vertices[i]));
    }
    INFO("PI " << c.patient.pi << ", PT " << c.patient.pt);
    CHECK(best < 6);
  }
}

TEST_CASE("left and right hip bones are approximate mirror images") {
  const Case c = sample(3);
  const auto hips = build_hip_bones(c.patient, c.pose, Rng(3));
  CHECK_THAT(signed_volume(hips[0].outer) / signed_volume(hips[1].outer), WithinAbs(1, 0.05));
  CHECK(std::all_of(hips[0].outer.vertices.begin(), hips[0].outer.vertices.end(),
                    [](const cv::Vec3f& v) { return v[1] > -8; }));
  CHECK(std::all_of(hips[1].outer.vertices.begin(), hips[1].outer.vertices.end(),
                    [](const cv::Vec3f& v) { return v[1] < 8; }));
}

TEST_CASE("a femur's head is a sphere and its shaft a thick tube") {
  const Case c = sample(4);
  for (int side = 0; side < 2; ++side) {
    const HeadTruth& head = c.pose.heads[static_cast<std::size_t>(side)];
    const Bone femur = build_femur(c.patient, head, side, Rng(4));
    CHECK_THAT(nearest(femur.outer, head.center), WithinAbs(head.radius_mm, 0.1));
    const double chord = length_along_y(femur.outer, 0.8 * head.radius_mm, 0.1);
    CHECK(chord > 1.1 * head.radius_mm);  // 1.2 for the sphere alone
    double low = 1e9;
    for (const cv::Vec3f& v : femur.outer.vertices) low = std::min(low, static_cast<double>(v[2]));
    CHECK(low < -150);
    CHECK(signed_volume(femur.inner) < 0.75 * signed_volume(femur.outer));
  }
}
