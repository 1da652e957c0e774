#include "spine/stages/segment/contour.h"

#include <cmath>

#include "support/catch.h"
#include "support/near.h"
#include <opencv2/imgproc.hpp>

using namespace spine;
using spine::test::near;

namespace {

/// A disc whose pixels are those with their centre inside.
cv::Mat disc(cv::Size size, cv::Point2d center, double radius) {
  cv::Mat mask = cv::Mat::zeros(size, CV_8UC1);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      if (cv::norm(cv::Point2d(x, y) - center) <= radius) mask.at<uchar>(y, x) = 255;
    }
  }
  return mask;
}

}  // namespace

TEST_CASE("the largest region of a mask has its box, centroid and area") {
  cv::Mat mask = disc({200, 150}, {60, 70}, 30);
  mask(cv::Rect(150, 20, 10, 10)).setTo(255);
  const auto region = largest_region(mask);
  REQUIRE(region.has_value());
  CHECK(region->box == cv::Rect(30, 40, 61, 61));
  CHECK(region->centroid_px.x == near(60, 1e-9));
  CHECK(region->centroid_px.y == near(70, 1e-9));
  CHECK(region->area_px == cv::countNonZero(mask) - 100);
  CHECK(cv::countNonZero(region->mask) == region->area_px);
}

TEST_CASE("an empty mask has no region") {
  CHECK_FALSE(largest_region(cv::Mat::zeros(5, 5, CV_8UC1)).has_value());
}

TEST_CASE("outline points lie on the edge to a tenth of a pixel on average") {
  const cv::Point2d center(80.3, 70.6);
  const double radius = 41.7;
  const auto region = largest_region(disc({200, 150}, center, radius));
  const auto points = outline_points(*region, {200, 150});
  REQUIRE(points.size() > 2 * 3.14 * radius);
  double sum = 0, square = 0;
  for (const auto& p : points) {
    const double off = cv::norm(p - center) - radius;
    sum += off;
    square += off * off;
  }
  const double n = static_cast<double>(points.size());
  CHECK(sum / n == near(0, 0.1));
  CHECK(std::sqrt(square / n) < 0.25);
}

TEST_CASE("outline points exclude the film's edge") {
  const auto region = largest_region(disc({200, 150}, {10, 75}, 40));
  for (const auto& p : outline_points(*region, {200, 150})) CHECK(p.x >= 2);
}
