#include "spine/stages/locate/local_outline.h"

#include <cmath>

#include "support/catch.h"
#include "support/near.h"

using namespace spine;
using spine::test::near;

namespace {

/// The outline of an axis-parallel box around the origin, points 0.1 apart.
Points box(double half_width, double half_height) {
  Points points;
  for (double u = -half_width; u <= half_width; u += 0.1) {
    points.emplace_back(u, half_height);
    points.emplace_back(u, -half_height);
  }
  for (double v = -half_height; v <= half_height; v += 0.1) {
    points.emplace_back(half_width, v);
    points.emplace_back(-half_width, v);
  }
  return points;
}

}  // namespace

TEST_CASE("axes transform points and back") {
  const Axes axes = Axes::with_up({10, 20}, {0, 1});
  CHECK(axes.u == cv::Point2d(1, 0));
  const Axes turned = Axes::with_forward({10, 20}, {0.6, 0.8});
  CHECK(turned.v == cv::Point2d(-0.8, 0.6));
  const cv::Point2d back = turned.from_local(turned.to_local({3, -7}));
  CHECK(cv::norm(back - cv::Point2d(3, -7)) < 1e-12);
  CHECK(to_local({{10, 20}}, turned)[0] == cv::Point2d(0, 0));
}

TEST_CASE("sides of an outline are its outermost points") {
  const Points points = box(10, 5);
  CHECK(range_u(points).length() == near(20, 1e-6));
  CHECK(range_v(points).length() == near(10, 1e-6));
  const Points top = plate_side(points, 1, {-8, 8}), bottom = plate_side(points, -1, {-8, 8});
  REQUIRE(top.size() > 60);
  for (const auto& p : top) CHECK(p.y == near(5, 1e-9));
  for (const auto& p : bottom) CHECK(p.y == near(-5, 1e-9));
  for (const auto& p : wall_side(points, 1, {-4, 4})) CHECK(p.x == near(10, 1e-9));
  CHECK(plate_side(points, 1, {50, 60}).empty());
}

TEST_CASE("a wall is straight with flares towards the endplates") {
  Points side;
  for (int i = -50; i <= 50; ++i) {
    const double v = 0.2 * i;
    side.emplace_back(17 + 0.1 * v + 0.02 * v * v, v);
  }
  const auto wall = fit_wall(side, {-10, 10}, 1.0);
  REQUIRE(wall.has_value());
  CHECK(wall->slope == near(0.1, 0.01));
  CHECK(wall->flare_top > 0.05);
  CHECK(wall->flare_bottom == near(wall->flare_top, 0.1));
  const cv::Point2d corner = crossing(*wall, wall->flare_top, {10, 0});
  CHECK(corner.y == near(10, 1e-9));
  CHECK(corner.x > 18);  // the wall without its flare
  CHECK(corner.x < 20);  // the parabola itself
}

TEST_CASE("a steep or short side has no slope") {
  CHECK_FALSE(fit_slope({{0, 0}, {0.1, 5}, {0.2, 10}}, 1).has_value());
  CHECK_FALSE(fit_slope({{0, 0}}, 1).has_value());
  const auto slope = fit_slope({{0, 1}, {1, 1.5}, {2, 2}}, 1);
  REQUIRE(slope.has_value());
  CHECK(slope->at(4) == near(3, 1e-6));
}

TEST_CASE("the outermost point of a box is its corner") {
  const Points points = box(10, 5);
  const double d = std::sqrt(0.5);
  const auto outer = outermost(points, {9, 4}, 4, {d, d}, 0.01);
  REQUIRE(outer.has_value());
  CHECK(cv::norm(*outer - cv::Point2d(10, 5)) < 0.15);
  CHECK_FALSE(outermost(points, {100, 100}, 4, {d, d}, 0.01).has_value());
}
