#include "spine/sim/mesh_build.h"

#include <cmath>

#include "support/catch.h"

#include "spine/core/geometry.h"

using namespace spine;
using namespace spine::sim;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

TEST_CASE("a sphere has its volume and faces outward") {
  const Mesh mesh = sphere({1, 2, 3}, 10, 40, 60);
  CHECK_THAT(signed_volume(mesh), WithinRel(4.0 / 3 * kPi * 1000, 0.01));
  for (const cv::Vec3f& v : mesh.vertices) {
    CHECK_THAT(cv::norm(cv::Vec3d(v) - cv::Vec3d(1, 2, 3)), WithinAbs(10, 1e-4));
  }
}

TEST_CASE("a straight tube with flat ends is a cylinder") {
  Tube form;
  form.nodes = {{{0, 0, 0}, 4, 4}, {{0, 0, 30}, 4, 4}};
  form.segments = 64;
  form.round_start = form.round_end = false;
  CHECK_THAT(signed_volume(tube(form)), WithinRel(kPi * 16 * 30, 0.01));
  CHECK_THAT(signed_volume(tube(form, 1)), WithinRel(kPi * 9 * 30, 0.01));
}

TEST_CASE("a flat end is open in the cortex, a rounded end is not") {
  Tube form;
  form.nodes = {{{0, 0, 0}, 4, 4}, {{0, 0, 30}, 4, 4}};
  form.round_end = true;
  form.round_start = false;
  Bone bone;
  add_tube(bone, form, 1);
  const auto span = [](const Mesh& mesh) {
    double low = 1e9, high = -1e9;
    for (const cv::Vec3f& v : mesh.vertices) {
      low = std::min(low, static_cast<double>(v[2]));
      high = std::max(high, static_cast<double>(v[2]));
    }
    return std::pair{low, high};
  };
  CHECK_THAT(span(bone.outer).first, WithinAbs(span(bone.inner).first, 1e-6));
  CHECK(span(bone.outer).second > span(bone.inner).second + 0.8);
}

TEST_CASE("a tube thinner than its wall has no marrow") {
  Tube form;
  form.nodes = {{{0, 0, 0}, 1, 4}, {{0, 0, 30}, 1, 4}};
  CHECK(tube(form, 1.0).vertices.empty());
}

TEST_CASE("a loft faces outward for any direction of its rings") {
  for (const double way : {1.0, -1.0}) {
    std::vector<Ring> rings(2);
    for (int r = 0; r < 2; ++r) {
      for (int i = 0; i < 32; ++i) {
        const double a = way * 2 * kPi * i / 32;
        rings[static_cast<std::size_t>(r)].emplace_back(std::cos(a), std::sin(a), 2.0 * r);
      }
    }
    CHECK_THAT(signed_volume(loft(rings)), WithinRel(2 * kPi, 0.02));
  }
}

TEST_CASE("an inward offset removes a shell") {
  const Mesh mesh = sphere({0, 0, 0}, 10, 40, 60);
  const Mesh inner = offset_inward(mesh, [](const cv::Vec3d&, const cv::Vec3d&) { return 2.0; });
  CHECK_THAT(signed_volume(inner), WithinRel(4.0 / 3 * kPi * 512, 0.015));
}

TEST_CASE("a smooth curve passes through its points") {
  const std::vector<cv::Vec3d> points{{0, 0, 0}, {10, 0, 0}, {10, 0, 10}, {0, 0, 10}};
  const auto open = smooth_curve(points, 1, false), ring = smooth_curve(points, 1, true);
  CHECK(cv::norm(open.back() - points.back()) < 1e-12);
  CHECK(ring.size() == 40);
  CHECK(cv::norm(ring[10] - points[1]) < 1e-12);
}

TEST_CASE("smooth noise is smooth, bounded and different for every stream") {
  const SmoothNoise a(Rng(1), 1.0, 40), b(Rng(2), 1.0, 40);
  const cv::Vec3d p(3, 4, 5), q(3.1, 4, 5);
  CHECK(cv::norm(a(p) - a(q)) < 0.2);
  CHECK(cv::norm(a(p) - b(p)) > 1e-3);
  for (int i = 0; i < 200; ++i) CHECK(cv::norm(a(cv::Vec3d(i, -i, 2 * i))) < 12);
}

TEST_CASE("smoothstep") {
  CHECK(smoothstep(1, 3, 0) == 0);
  CHECK_THAT(smoothstep(1, 3, 2), WithinAbs(0.5, 1e-12));
  CHECK(smoothstep(1, 3, 9) == 1);
}
