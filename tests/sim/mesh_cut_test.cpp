#include "spine/sim/mesh_cut.h"

#include <algorithm>
#include <cmath>

#include "mesh_fixtures.h"
#include "support/catch.h"

#include "spine/core/geometry.h"
#include "spine/sim/mesh_ops.h"

using namespace spine;
using namespace spine::sim;
using test::frame;

namespace {

const Mesh& ball() {
  static const Mesh mesh = sphere({1, 2, 3}, 10, 24, 36);
  return mesh;
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
