#include "spine/sim/mesh_ops.h"

#include <algorithm>
#include <cmath>

#include "mesh_fixtures.h"
#include "support/catch.h"

#include "spine/core/geometry.h"
#include "spine/sim/rng.h"

using namespace spine;
using namespace spine::sim;
using test::euler_characteristic;
using test::frame;

namespace {

const Mesh& ball() {
  static const Mesh mesh = sphere({1, 2, 3}, 10, 24, 36);
  return mesh;
}

}  // namespace

TEST_CASE("in a closed mesh every edge is used once per direction") {
  CHECK(is_closed(ball()));
  CHECK(is_closed(frame()));
  Mesh open = ball();
  open.faces.pop_back();
  CHECK_FALSE(is_closed(open));
  Mesh turned = ball();
  std::swap(turned.faces[5][0], turned.faces[5][1]);
  CHECK_FALSE(is_closed(turned));
  Mesh doubled = ball();
  doubled.faces.push_back(doubled.faces[0]);
  CHECK_FALSE(is_closed(doubled));
  CHECK_FALSE(is_closed({}));
}

TEST_CASE("surplus faces are removed") {
  Mesh mesh = frame();
  const std::size_t count = mesh.faces.size();
  mesh.faces.push_back(mesh.faces[7]);  // duplicate
  REQUIRE_FALSE(is_closed(mesh));
  remove_surplus_faces(mesh);
  CHECK(is_closed(mesh));
  CHECK(mesh.faces.size() == count);
}

TEST_CASE("a mirrored mesh still faces outwards") {
  Transform mirror;
  mirror.linear(1, 1) = -2;
  mirror.offset = {5, 0, 0};
  const Mesh mesh = transformed(ball(), mirror);
  CHECK(signed_volume(mesh) == Approx(2 * signed_volume(ball())).epsilon(1e-4));
}

TEST_CASE("components are separated") {
  Mesh both = ball();
  append(both, frame());
  const auto parts = components(both);
  REQUIRE(parts.size() == 2);
  CHECK(parts[0].vertices.size() == ball().vertices.size());
  CHECK(parts[1].faces.size() == frame().faces.size());
  CHECK(is_closed(parts[1]));
}

TEST_CASE("subdivision rounds a block and keeps it closed") {
  const Mesh block = frame();
  const Mesh smooth = loop_subdivide(block, 2);
  CHECK(smooth.faces.size() == 16 * block.faces.size());
  CHECK(is_closed(smooth));
  CHECK(euler_characteristic(smooth) == 0);
  CHECK(signed_volume(smooth) < signed_volume(block));
  CHECK(signed_volume(smooth) > 0.7 * signed_volume(block));
  // A coplanar neighbourhood is not moved.
  float top = 0;
  for (const auto& v : smooth.vertices) top = std::max(top, v[2]);
  CHECK(top <= 2.0F + 1e-5F);
}

TEST_CASE("an inward offset of a sphere is a smaller sphere") {
  const Mesh inner = offset_inward(ball(), std::vector<float>(ball().vertices.size(), 2.0F));
  for (const auto& v : inner.vertices) {
    CHECK(cv::norm(cv::Vec3d(v) - cv::Vec3d(1, 2, 3)) == Approx(8).margin(0.02));
  }
  CHECK_THROWS(offset_inward(ball(), {1.0F}));
}

TEST_CASE("a sphere is found from part of its surface") {
  Rng rng(3);
  std::vector<cv::Vec3d> points;
  for (int i = 0; i < 60; ++i) {
    cv::Vec3d d(rng.uniform(-1, 1), rng.uniform(-1, 1), rng.uniform(0, 1));
    points.push_back(cv::Vec3d(-70, 84, -66) + d * (23.5 / cv::norm(d)));
  }
  const auto [center, radius] = fit_sphere(points);
  CHECK(cv::norm(center - cv::Vec3d(-70, 84, -66)) < 1e-6);
  CHECK(radius == Approx(23.5));
  CHECK_THROWS(fit_sphere({{0, 0, 0}, {1, 0, 0}, {0, 1, 0}}));
}
