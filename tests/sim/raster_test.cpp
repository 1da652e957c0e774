#include "spine/sim/raster.h"

#include <cmath>

#include "phantom.h"
#include "support/catch.h"

#include "spine/sim/mesh_build.h"
#include "spine/sim/rng.h"

using namespace spine;
using namespace spine::sim;

namespace {

/// Chord of the ray through a pixel's centre in a sphere.
double chord_mm(const Camera& camera, int x, int y, const cv::Vec3d& center, double radius) {
  const cv::Vec3d ray = camera.ray(x, y), c = camera.to_camera(center);
  const double along = ray.dot(c), length2 = ray.dot(ray);
  const double inside = along * along - length2 * (c.dot(c) - radius * radius);
  return inside <= 0 ? 0 : 2 * std::sqrt(inside) / std::sqrt(length2);
}

}  // namespace

TEST_CASE("path lengths through a fine sphere are its chords") {
  const cv::Vec3d center(30, -40, 180);
  const double radius = 40;
  for (const Side anterior : {Side::left, Side::right}) {
    const Camera camera(test::plain_view(anterior), 450);
    const PathPatch patch = path_length(sphere(center, radius, 128, 256), camera);
    REQUIRE(!patch.length_mm.empty());
    double worst = 0;
    for (int y = 0; y < patch.box.height; ++y) {
      for (int x = 0; x < patch.box.width; ++x) {
        const double expected = chord_mm(camera, patch.box.x + x, patch.box.y + y, center, radius);
        worst = std::max(worst,
                         expected > 20 ? std::abs(patch.length_mm.at<float>(y, x) - expected) : 0);
      }
    }
    CHECK(worst < 0.15);
  }
}

TEST_CASE("every pixel of a sphere is covered and none outside") {
  const Camera camera(test::plain_view(), 900);
  const cv::Vec3d center(30, -40, 180);
  const Mesh mesh = sphere(center, 40, 64, 128);
  const PathPatch patch = path_length(mesh, camera);
  cv::Mat exact = cv::Mat::zeros(camera.size(), CV_8UC1), drawn = exact.clone();
  mark_sphere(center, 40, camera, 1, exact);
  mark_silhouette(mesh, camera, 1, drawn);
  int off = 0, holes = 0;
  float lowest = 0, highest = 0;
  for (int y = 0; y < patch.box.height; ++y) {
    for (int x = 0; x < patch.box.width; ++x) {
      const cv::Point at(patch.box.x + x, patch.box.y + y);
      const float length = patch.length_mm.at<float>(y, x);
      lowest = std::min(lowest, length);
      highest = std::max(highest, length);
      off += exact.at<std::uint8_t>(at) != drawn.at<std::uint8_t>(at) ? 1 : 0;
      holes += chord_mm(camera, at.x, at.y, center, 40) > 8 && length < 4 ? 1 : 0;
    }
  }
  CHECK(holes == 0);
  CHECK(lowest == 0.0F);
  CHECK(highest < 80.1F);
  CHECK(off < 0.005 * cv::countNonZero(exact));
}

TEST_CASE("a cavity with reversed faces is subtracted") {
  const Camera camera(test::plain_view(), 450);
  Mesh shell = sphere({30, 0, 180}, 40, 64, 128), hollow = sphere({30, 0, 180}, 30, 64, 128);
  for (auto& face : hollow.faces) std::swap(face[1], face[2]);
  append(shell, hollow);
  const PathPatch patch = path_length(shell, camera);
  const cv::Point2d middle = camera.to_pixel({30, 0, 180});
  const cv::Point at(static_cast<int>(std::lround(middle.x)),
                     static_cast<int>(std::lround(middle.y)));
  CHECK(std::abs(patch.length_mm.at<float>(at - patch.box.tl()) - 20) < 0.2);
}

TEST_CASE("random closed meshes have zero length outside") {
  // Tetrahedra with corners anywhere, also outside the film: sums must stay within their diameter.
  const Camera camera(test::plain_view(), 300);
  Rng rng(5);
  for (int i = 0; i < 200; ++i) {
    Mesh mesh;
    for (int k = 0; k < 4; ++k) {
      mesh.vertices.emplace_back(static_cast<float>(rng.uniform(-200, 250)),
                                 static_cast<float>(rng.uniform(-150, 150)),
                                 static_cast<float>(rng.uniform(-150, 450)));
    }
    mesh.faces = {{0, 2, 1}, {0, 1, 3}, {1, 2, 3}, {0, 3, 2}};
    orient_outward(mesh);
    const PathPatch patch = path_length(mesh, camera);
    if (patch.length_mm.empty()) continue;
    double longest = 0, highest = 0;
    for (std::size_t a = 0; a < 4; ++a) {
      for (std::size_t b = 0; b < a; ++b)
        longest = std::max(longest, cv::norm(mesh.vertices[a] - mesh.vertices[b]));
    }
    cv::minMaxLoc(patch.length_mm, nullptr, &highest);
    CHECK(highest <= longest + 0.01);
  }
}
