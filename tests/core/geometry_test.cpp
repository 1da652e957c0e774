#include "spine/core/geometry.h"

#include <cmath>
#include <random>

#include "support/catch.h"
#include "support/near.h"

using namespace spine;
using spine::test::near;

namespace {

double draw(std::mt19937& engine, double low, double high) {
  return low + (high - low) * static_cast<double>(engine()) / static_cast<double>(engine.max());
}

}  // namespace

TEST_CASE("wrap_deg returns the equivalent angle above -180 and up to 180") {
  CHECK(wrap_deg(0) == near(0));
  CHECK(wrap_deg(190) == near(-170));
  CHECK(wrap_deg(-190) == near(170));
  CHECK(wrap_deg(180) == near(180));
  CHECK(wrap_deg(-180) == near(180));
  CHECK(wrap_deg(725) == near(5));
}

TEST_CASE("The anatomical frame has x anterior and y up") {
  const AnatomicalFrame right(Side::right, std::nullopt);
  CHECK(right.to_anatomical({3, 4}) == cv::Point2d(3, -4));
  CHECK_FALSE(right.in_mm());
  const AnatomicalFrame left(Side::left, Spacing{0.5, 0.25});
  CHECK(left.to_anatomical({4, 4}) == cv::Point2d(-1, -2));
  CHECK(left.in_mm());
  CHECK(left.to_film(left.to_anatomical({12.5, -7})) == cv::Point2d(12.5, -7));
}

TEST_CASE("angle_between_deg is signed, counter-clockwise with y up") {
  CHECK(angle_between_deg({1, 0}, {0, 1}) == near(90));
  CHECK(angle_between_deg({0, 1}, {1, 0}) == near(-90));
  CHECK(angle_between_deg({2, 0}, {-3, 0}) == near(180));
}

TEST_CASE("intersect finds crossings and rejects parallel lines") {
  const Line a{{0, 0}, {1, 0}}, b{{3, -5}, {0, 1}};
  const auto point = intersect(a, b);
  REQUIRE(point.has_value());
  CHECK(point->x == near(3));
  CHECK(point->y == near(0));
  CHECK_FALSE(intersect(a, Line{{0, 1}, {-1, 0}}).has_value());
}

TEST_CASE("signed_distance is positive to the left of the direction") {
  CHECK(signed_distance({{0, 0}, {1, 0}}, {5, 2}) == near(2));
  CHECK(signed_distance({{0, 0}, {1, 0}}, {5, -2}) == near(-2));
}

TEST_CASE("A robust line tolerates a third of gross outliers on one side") {
  std::mt19937 engine(1);
  for (int trial = 0; trial < 30; ++trial) {
    const double slope = draw(engine, -1, 1), offset = draw(engine, -20, 20);
    std::vector<cv::Point2d> points;
    for (int i = 0; i < 100; ++i) {
      const double noise = draw(engine, -0.2, 0.2);
      const double spur = i >= 70 ? draw(engine, 8, 20) : 0;
      points.emplace_back(i, offset + slope * i + noise + spur);
    }
    const auto line = fit_line_robust(points, 0.5);
    REQUIRE(line.has_value());
    CHECK(line->direction.y / line->direction.x == near(slope, 0.01));
  }
}

TEST_CASE("A line needs two distinct points") {
  CHECK_FALSE(fit_line_robust(std::vector<cv::Point2d>{}, 1).has_value());
  CHECK_FALSE(fit_line_robust(std::vector<cv::Point2d>{{1, 1}, {1, 1}}, 1).has_value());
  CHECK(fit_line_robust(std::vector<cv::Point2d>{{1, 1}, {2, 2}}, 1).has_value());
}

TEST_CASE("A robust circle is found from half of its contour and despite outliers") {
  std::mt19937 engine(2);
  for (int trial = 0; trial < 30; ++trial) {
    const cv::Point2d center(draw(engine, 100, 200), draw(engine, 100, 200));
    const double radius = draw(engine, 20, 90);
    std::vector<cv::Point2d> points;
    for (int i = 0; i < 180; ++i) {
      const double a = rad_from_deg(i + 30.0 * trial);
      const double r = radius + draw(engine, -0.3, 0.3) - (i < 30 ? 0.2 * radius : 0);
      points.push_back(center + r * cv::Point2d(std::cos(a), std::sin(a)));
    }
    const auto circle = fit_circle_robust(points, 0.5);
    REQUIRE(circle.has_value());
    CHECK(cv::norm(circle->center - center) < 0.5);
    CHECK(circle->radius == near(radius, 0.5));
  }
}

TEST_CASE("A circle needs three points that are not collinear") {
  CHECK_FALSE(fit_circle_robust(std::vector<cv::Point2d>{{0, 0}, {1, 1}}, 1).has_value());
  CHECK_FALSE(fit_circle_robust(std::vector<cv::Point2d>{{0, 0}, {1, 1}, {2, 2}}, 1).has_value());
}
