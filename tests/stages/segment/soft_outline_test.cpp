#include "spine/stages/segment/soft_outline.h"

#include <cmath>

#include "support/catch.h"
#include "support/near.h"

using namespace spine;
using spine::test::near;

namespace {

/// A disc whose probability falls from 1 to 0 over a width, around its radius.
cv::Mat soft_disc(double radius, double width) {
  cv::Mat plane(128, 128, CV_32FC1);
  for (int y = 0; y < plane.rows; ++y) {
    for (int x = 0; x < plane.cols; ++x) {
      const double off = std::hypot(x - 64.0, y - 64.0) - radius;
      plane.at<float>(y, x) = static_cast<float>(std::clamp(0.5 - off / width, 0.0, 1.0));
    }
  }
  return plane;
}

}  // namespace

TEST_CASE("the outline lies where the probability crosses the threshold, on the film") {
  const Letterbox box = letterbox({512, 512}, std::nullopt, 128);
  const auto outline = soft_outline(soft_disc(30, 8), 0.5, box);
  REQUIRE(outline.size() > 100);
  const cv::Point2d middle = box.to_film({64, 64});
  for (const OutlinePoint& p : outline) {
    CHECK(cv::norm(p.at - middle) * box.scale_x == near(30, 0.3));
  }
}

TEST_CASE("the width is that of the probability's 0-to-1 transition, in film pixels") {
  const Letterbox box = letterbox({512, 512}, std::nullopt, 128);
  const auto mean_width = [&](double width) {
    double sum = 0;
    const auto outline = soft_outline(soft_disc(30, width), 0.5, box);
    for (const OutlinePoint& p : outline) sum += p.width;
    return sum / static_cast<double>(outline.size()) * box.scale_x;
  };
  CHECK(mean_width(8) == near(8, 0.8));
  CHECK(mean_width(16) == near(16, 1.6));
}

TEST_CASE("a plane below the threshold has no outline") {
  const Letterbox box = letterbox({512, 512}, std::nullopt, 128);
  CHECK(soft_outline(cv::Mat::zeros(128, 128, CV_32FC1), 0.5, box).empty());
}
