#include "spine/sim/vertebral_arch.h"

#include <algorithm>

#include "sim/ray.h"
#include "support/catch.h"

#include "spine/sim/mesh_build.h"

using namespace spine;
using namespace spine::sim;
using test::length_along_y;

namespace {

ArchForm plain_arch() {
  ArchForm form;
  form.level = 2;
  form.post_x = -17.5;
  form.below = {{-17.5, 0, -24}, {1, 0, 0}, {0, 0, 1}};
  return form;
}

}  // namespace

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
