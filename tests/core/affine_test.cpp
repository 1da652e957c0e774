#include "spine/core/affine.h"

#include "support/catch.h"
#include "support/near.h"

using namespace spine;
using test::near;

TEST_CASE("The inverse of an affine map restores points") {
  const cv::Matx23d map(0.8, -0.3, 12, 0.4, 1.7, -5);
  const cv::Point2d p(31.5, -8.25);
  const cv::Point2d there = apply(map, p);
  CHECK(there.x == near(0.8 * 31.5 + 0.3 * 8.25 + 12));
  CHECK(there.y == near(0.4 * 31.5 - 1.7 * 8.25 - 5));
  CHECK(cv::norm(apply(inverted(map), there) - p) < 1e-12);
}

TEST_CASE("Resizing an image maps edges to edges") {
  const cv::Matx23d same(1, 0, 0, 0, 1, 0);
  // 8 columns reduced to 2: the left edge stays at -0.5 and the right one moves to 1.5.
  const auto map = resized(same, 0.25, 0.5);
  CHECK(apply(map, {-0.5, -0.5}) == cv::Point2d(-0.5, -0.5));
  CHECK(apply(map, {7.5, 7.5}) == cv::Point2d(1.5, 3.5));
}
