#include "spine/sim/vertebra_mesh.h"

#include <algorithm>
#include <cmath>

#include "sim/ray.h"
#include "support/catch.h"

#include "spine/sim/mesh_build.h"

using namespace spine;
using namespace spine::sim;
using Catch::Matchers::WithinAbs;
using test::length_along_y;

namespace {

/// A body 35 mm deep and 28 mm high, square in the sagittal plane.
BodyForm square_body() {
  BodyForm form;
  form.shape.depth_sup = form.shape.depth_inf = 35;
  form.corners = {{-17.5, 0, 14}, {17.5, 0, 14}, {-17.5, 0, -14}, {17.5, 0, -14}};
  return form;
}

ArchForm plain_arch() {
  ArchForm form;
  form.level = 2;
  form.post_x = -17.5;
  form.below = {{-17.5, 0, -24}, {1, 0, 0}, {0, 0, 1}};
  return form;
}

}  // namespace

TEST_CASE("a body's marrow lies inside a thin wall") {
  const BodyMeshes body = build_body(square_body(), Rng(1));
  const double outer = length_along_y(body.outer, 0, 0), inner = length_along_y(body.inner, 0, 0);
  CHECK(outer > 36);
  CHECK(outer < 50);
  CHECK(outer - inner > 0.4);
  CHECK(outer - inner < 2.0);
}

TEST_CASE("an endplate is projected as the densest line of the body") {
  const BodyMeshes body = build_body(square_body(), Rng(2));
  const auto cortex = [&](double z) {
    return length_along_y(body.outer, 0.3, z) - length_along_y(body.inner, 0.3, z);
  };
  double most = 0;
  for (double z = 10.5; z < 14; z += 0.1) most = std::max(most, cortex(z));
  CHECK(most > 10);
  CHECK(most > 6 * cortex(0));
}

TEST_CASE("endplate concavities have the given depth") {
  BodyForm form = square_body();
  form.shape.concavity_sup = 3;
  const BodyMeshes body = build_body(form, Rng(3));
  double lowest = 1e9;
  for (const cv::Vec3f& v : body.outer.vertices) {
    if (v[2] > 5 && std::abs(v[0]) < 5 && std::abs(v[1]) < 5) {
      lowest = std::min(lowest, static_cast<double>(v[2]));
    }
  }
  CHECK_THAT(lowest, WithinAbs(11, 0.8));
}

TEST_CASE("the waist is narrower than the rims") {
  const BodyMeshes body = build_body(square_body(), Rng(4));
  const auto front = [&](double low, double high) {
    double most = -1e9;
    for (const cv::Vec3f& v : body.outer.vertices) {
      if (v[2] > low && v[2] < high) most = std::max(most, static_cast<double>(v[0]));
    }
    return most;
  };
  CHECK(front(-2, 2) < front(12, 15) - 1.2);
}

TEST_CASE("a neural foramen is open below the pedicle and in front of the joint") {
  Bone bone;
  VertebraFrame frame;
  add_arch(bone, frame, plain_arch(), Rng(5));
  CHECK(length_along_y(bone.outer, -22, -8) == 0);
  CHECK(length_along_y(bone.outer, -24, -12) == 0);
  for (std::size_t side = 0; side < 2; ++side) {
    CHECK(length_along_y(bone.outer, frame.pedicle_center[side][0], frame.pedicle_center[side][2]) >
          10);
  }
}

TEST_CASE("the spinous process reaches behind the joints and the inferior joints below the disc") {
  Bone bone;
  VertebraFrame frame;
  add_arch(bone, frame, plain_arch(), Rng(6));
  double back = 1e9, low = 1e9;
  for (const cv::Vec3f& v : bone.outer.vertices) {
    back = std::min(back, static_cast<double>(v[0]));
    low = std::min(low, static_cast<double>(v[2]));
  }
  CHECK(back < -60);
  CHECK(back > -95);
  CHECK(low < -29);
}

TEST_CASE("degenerate joints are thicker") {
  ArchForm form = plain_arch();
  Bone plain, worn;
  VertebraFrame frame;
  add_arch(plain, frame, form, Rng(7));
  form.arthrosis = 1;
  add_arch(worn, frame, form, Rng(7));
  CHECK(signed_volume(worn.outer) > 1.03 * signed_volume(plain.outer));
}
