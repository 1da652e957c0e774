#include "spine/sim/mesh_decimate.h"

#include "mesh_fixtures.h"
#include "support/catch.h"

#include "spine/sim/mesh_ops.h"

using namespace spine;
using namespace spine::sim;
using test::euler_characteristic;
using test::frame;

TEST_CASE("decimation keeps shape and topology") {
  const Mesh fine = sphere({1, 2, 3}, 10, 60, 90);
  const Mesh coarse = decimate(fine, 800);
  CHECK(coarse.faces.size() <= 800);
  CHECK(coarse.faces.size() > 700);
  CHECK(is_closed(coarse));
  CHECK(euler_characteristic(coarse) == 2);
  for (const auto& v : coarse.vertices) {
    CHECK(cv::norm(cv::Vec3d(v) - cv::Vec3d(1, 2, 3)) == Approx(10).margin(0.25));
  }
  CHECK(signed_volume(coarse) == Approx(signed_volume(fine)).epsilon(0.01));

  const Mesh ring = decimate(loop_subdivide(frame(), 2), 500);
  CHECK(ring.faces.size() <= 500);
  CHECK(is_closed(ring));
  CHECK(euler_characteristic(ring) == 0);
  CHECK(decimate(frame(), 100000).faces == frame().faces);
}
