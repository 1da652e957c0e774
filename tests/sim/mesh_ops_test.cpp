#include "spine/sim/mesh_ops.h"

#include <algorithm>
#include <cmath>

#include "mesh_fixtures.h"
#include "support/catch.h"

#include "spine/core/geometry.h"
#include "spine/sim/rng.h"

using namespace spine;
using namespace spine::sim;

namespace {

const Mesh& ball() {
  static const Mesh mesh = sphere({1, 2, 3}, 10, 24, 36);
  return mesh;
}

/// A ring-shaped block: one hole.
Mesh frame() {
  return test::box_mesh({{{0, 0, 0}, {9, 2, 2}},
                         {{0, 7, 0}, {9, 9, 2}},
                         {{0, 2, 0}, {2, 7, 2}},
                         {{7, 2, 0}, {9, 7, 2}}},
                        1.0);
}

int euler_characteristic(const Mesh& mesh) {
  return static_cast<int>(mesh.vertices.size()) - static_cast<int>(mesh.faces.size()) / 2;
}

double area_of(const std::vector<cv::Vec2d>& polygon) {
  double area = 0;
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    const auto& p = polygon[i];
    const auto& q = polygon[(i + 1) % polygon.size()];
    area += (p[0] * q[1] - p[1] * q[0]) / 2;
  }
  return area;
}

std::vector<double> height_above(const Mesh& mesh, double z) {
  std::vector<double> field;
  for (const auto& v : mesh.vertices) field.push_back(static_cast<double>(v[2]) - z);
  return field;
}

cv::Vec2d seen_from_above(const cv::Vec3d& p) { return {p[0], p[1]}; }

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

TEST_CASE("an inward offset of a sphere is a smaller sphere") {
  const Mesh inner = offset_inward(ball(), std::vector<float>(ball().vertices.size(), 2.0F));
  for (const auto& v : inner.vertices) {
    CHECK(cv::norm(cv::Vec3d(v) - cv::Vec3d(1, 2, 3)) == Approx(8).margin(0.02));
  }
  CHECK_THROWS(offset_inward(ball(), {1.0F}));
}

TEST_CASE("the section of a sphere is a circle") {
  const auto loops = level_loops(ball(), height_above(ball(), 6));
  REQUIRE(loops.size() == 1);
  double length = 0;
  for (std::size_t i = 0; i < loops[0].size(); ++i) {
    const auto& p = loops[0][i];
    CHECK(p[2] == Approx(6).margin(1e-5));
    length += cv::norm(loops[0][(i + 1) % loops[0].size()] - p);
  }
  CHECK(length == Approx(2 * kPi * std::sqrt(100.0 - 9.0)).epsilon(0.01));
}

TEST_CASE("a cut mesh is closed") {
  const double above = kPi * 7 * 7 * (3 * 10 - 7) / 3;  // spherical cap 7 mm high
  const Mesh cap = cut_and_cap(ball(), height_above(ball(), 6), seen_from_above);
  CHECK(is_closed(cap));
  CHECK(signed_volume(cap) == Approx(above).epsilon(0.02));

  SECTION("with a hollow inside") {
    Mesh shell = ball();
    Mesh hollow = sphere({1, 2, 3}, 5, 24, 36);
    flip_faces(hollow);
    append(shell, hollow);
    const Mesh half = cut_and_cap(shell, height_above(shell, 3.01), seen_from_above);
    CHECK(is_closed(half));
    CHECK(signed_volume(half) == Approx(signed_volume(shell) / 2).epsilon(0.01));
  }
  SECTION("through several openings, exactly along vertices") {
    const Mesh block = frame();
    std::vector<double> field;
    for (const auto& v : block.vertices) field.push_back(static_cast<double>(v[1]) - 3.0);
    const Mesh part =
        cut_and_cap(block, field, [](const cv::Vec3d& p) { return cv::Vec2d(p[0], p[2]); });
    CHECK(is_closed(part));
    CHECK(signed_volume(part) == Approx(9 * 2 * 2 + 2 * (4 * 2 * 2)).epsilon(1e-4));
  }
}

TEST_CASE("polygons of either winding are filled exactly") {
  std::vector<cv::Vec2d> comb{{0, 0}, {6, 0}, {6, 3}, {5, 3}, {5, 1}, {4, 1},
                              {4, 3}, {2, 3}, {2, 1}, {1, 1}, {1, 3}, {0, 3}};
  for (int turn = 0; turn < 2; ++turn) {
    const auto faces = triangulate(comb);
    CHECK(faces.size() == comb.size() - 2);
    double area = 0;
    for (const auto& f : faces) {
      const double a = area_of({comb[f[0]], comb[f[1]], comb[f[2]]});
      CHECK(a >= 0);  // an ear may be degenerate on a straight contour
      area += a;
    }
    CHECK(area == Approx(std::abs(area_of(comb))));
    std::reverse(comb.begin(), comb.end());
  }
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
