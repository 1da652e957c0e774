#include "spine/sim/vertebra_model.h"

#include "mesh_fixtures.h"
#include "support/catch.h"

#include "spine/core/error.h"
#include "spine/core/geometry.h"

using namespace spine;
using namespace spine::sim;

namespace {

const VertebraModel& model() {
  static const VertebraModel instance(test::blocky_vertebra(), 100000);
  return instance;
}

VertebraModel::Variation wedged() {
  VertebraModel::Variation variation;
  variation.shape.width_sup = 40;
  variation.shape.width_inf = 50;
  LevelPose& pose = variation.pose;
  pose.center = {30, 4, 200};
  const double tilt = rad_from_deg(-20);
  pose.axes = {std::cos(tilt), 0, -std::sin(tilt), 0, 1, 0, std::sin(tilt), 0, std::cos(tilt)};
  const auto corner = [&pose](double x, double z) {
    return pose.center + pose.axes * cv::Vec3d(x, 0, z);
  };
  pose.corners = {corner(-17, 15), corner(16, 9), corner(-18, -14), corner(18, -13)};
  return variation;
}

std::vector<cv::Vec2d> silhouette(const Mesh& mesh, const LevelPose& pose) {
  std::vector<cv::Vec2d> points;
  for (const auto& v : mesh.vertices) {
    const cv::Vec3d p = pose.axes.t() * (cv::Vec3d(v) - pose.center);
    points.emplace_back(p[0], p[2]);
  }
  return points;
}

double distance(const cv::Vec2d& p, double x, double z) { return cv::norm(p - cv::Vec2d(x, z)); }

}  // namespace

TEST_CASE("the body is cut from the arch at its posterior wall") {
  const Mesh& body = model().body();
  CHECK(is_closed(body));
  CHECK(signed_volume(body) == Approx(36.0 * 44 * 28).epsilon(0.01));
  CHECK(distance(model().corners().sup_post, -18, 14) < 0.4);
  CHECK(distance(model().corners().sup_ant, 18, 14) < 0.1);
  CHECK(distance(model().corners().inf_post, -18, -14) < 0.4);
  CHECK(distance(model().corners().inf_ant, 18, -14) < 0.1);
}

TEST_CASE("a warped vertebra has the corners of the pose") {
  const auto variation = wedged();
  for (const std::uint64_t seed : {1, 2, 3, 4, 5}) {
    const auto result = model().warp(variation, Rng(seed));
    CHECK(is_closed(result.outer));
    CHECK(is_closed(result.inner));
    CHECK(is_closed(result.body));
    CHECK(signed_volume(result.inner) > 0);
    CHECK(signed_volume(result.inner) < signed_volume(result.outer));
    const auto outline = silhouette(result.body, variation.pose);
    CHECK(test::distance_to_hull(outline, {-17, 15}) < 0.4);
    CHECK(test::distance_to_hull(outline, {16, 9}) < 0.4);
    CHECK(test::distance_to_hull(outline, {-18, -14}) < 0.4);
    CHECK(test::distance_to_hull(outline, {18, -13}) < 0.4);
    const SagittalCorners found = find_corners(outline);
    CHECK(distance(found.sup_post, -17, 15) < 0.1);
    CHECK(distance(found.sup_ant, 16, 9) < 0.1);
    CHECK(distance(found.inf_post, -18, -14) < 0.1);
    CHECK(distance(found.inf_ant, 18, -13) < 0.1);
  }
}

TEST_CASE("a warped vertebra has the level's width and frame") {
  auto variation = wedged();
  variation.freedom = 0;
  const auto result = model().warp(variation, Rng(1));
  double left = 0;
  double right = 0;
  for (const auto& v : result.body.vertices) {
    left = std::max(left, static_cast<double>(v[1]) - 4);
    right = std::min(right, static_cast<double>(v[1]) - 4);
  }
  CHECK(left - right == Approx(50).margin(1.5));
  const VertebraFrame& frame = result.frame;
  CHECK(cv::norm(frame.center - variation.pose.center) < 1e-9);
  CHECK(frame.width_mm == Approx(45));
  CHECK(frame.pedicle_height_mm == Approx(10).margin(3));
  CHECK(frame.pedicle_width_mm == Approx(8).margin(2));
  for (const std::size_t side : {0, 1}) {
    const cv::Vec3d p = frame.pedicle_center[side] - frame.center;
    CHECK(p.dot(frame.left) == Approx(side == 0 ? 14 : -14).margin(2));
    CHECK(p.dot(frame.anterior) < -18);
    CHECK(p.dot(frame.anterior) > -29);
    CHECK(p.dot(frame.up) > 2);
  }
}

TEST_CASE("an osteophyte enlarges the body without changing the true corners") {
  auto variation = wedged();
  const auto plain = model().warp(variation, Rng(9));
  variation.shape.osteophyte = {0, 6, 0, 0};
  const auto grown = model().warp(variation, Rng(9));
  const auto front = [&](const Mesh& mesh) {
    double most = 0;
    for (const auto& p : silhouette(mesh, variation.pose))
      most = std::max(most, p[1] > 4 ? p[0] : 0);
    return most;
  };
  CHECK(front(grown.body) > front(plain.body) + 3);
}

TEST_CASE("the variation is determined by the seed") {
  const auto variation = wedged();
  CHECK(model().warp(variation, Rng(1)).outer.vertices ==
        model().warp(variation, Rng(1)).outer.vertices);
  CHECK(model().warp(variation, Rng(1)).outer.vertices !=
        model().warp(variation, Rng(2)).outer.vertices);
}

TEST_CASE("a mesh without a canal is rejected") {
  const Mesh block = test::box_mesh({{{-9, -11, -7}, {9, 11, 7}}}, 2.0);
  CHECK_THROWS_AS(VertebraModel(block, 100000), Error);
}
