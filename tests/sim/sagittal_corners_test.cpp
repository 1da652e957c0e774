#include "spine/sim/sagittal_corners.h"

#include <cmath>

#include "support/catch.h"

#include "spine/core/geometry.h"

using namespace spine;
using namespace spine::sim;

TEST_CASE("corners of a tilted block are found") {
  std::vector<cv::Vec2d> points;
  const double tilt = rad_from_deg(-25);
  const auto turned = [tilt](double x, double z) {
    return cv::Vec2d(x * std::cos(tilt) - z * std::sin(tilt),
                     x * std::sin(tilt) + z * std::cos(tilt));
  };
  for (int i = -20; i <= 20; ++i) {
    const double t = i / 20.0;
    points.push_back(turned(17 * t, 14 - 2 * (1 - t * t)));  // a dished superior endplate
    points.push_back(turned(18 * t, -13));
  }
  const SagittalCorners c = find_corners(points);
  CHECK(cv::norm(c.sup_post - turned(-17, 14)) < 0.05);
  CHECK(cv::norm(c.sup_ant - turned(17, 14)) < 0.05);
  CHECK(cv::norm(c.inf_post - turned(-18, -13)) < 0.05);
  CHECK(cv::norm(c.inf_ant - turned(18, -13)) < 0.05);
}

TEST_CASE("superior corners lie on the rims' line, inferior ones where the corner turns") {
  constexpr double kRound = 2;
  std::vector<cv::Vec2d> points;
  for (const double x : {-1.0, 1.0}) {
    for (const double z : {-1.0, 1.0}) {
      for (int i = 0; i <= 90; i += 2) {
        const double phi = rad_from_deg(i);
        points.emplace_back(x * (15 + kRound * std::cos(phi)), z * (11 + kRound * std::sin(phi)));
      }
    }
  }
  const SagittalCorners c = find_corners(points);
  const double turn = kRound * std::sqrt(0.5);
  CHECK(c.inf_ant[0] == Approx(15 + turn).margin(0.06));
  CHECK(c.inf_ant[1] == Approx(-11 - turn).margin(0.06));
  CHECK(c.sup_ant[0] == Approx(15 + turn).margin(0.06));
  CHECK(c.sup_ant[1] > 11 + turn + 0.25);  // moved up towards 13, by at most 0.35
  CHECK(c.sup_ant[1] <= 13.01);
}
