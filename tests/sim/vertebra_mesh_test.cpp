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
