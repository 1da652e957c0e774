#include "spine/stages/locate/contour_profile.h"

#include <cmath>
#include <numbers>

#include "support/catch.h"

using namespace spine;

namespace {

/// A body of 40 x 30 around the origin, anterior to the right, v upwards.
const VertebraCorners kBody{{{-20, 15}, {20, 15}}, {{-20, -15}, {20, -15}}};

/// Points on the sides between corners, moved outwards by `bump`.
Points outline_of(const VertebraCorners& c, double top_bump = 0, double front_bump = 0) {
  Points points;
  const auto side = [&](cv::Point2d from, cv::Point2d to, double bump) {
    const cv::Point2d along = to - from,
                      outwards = cv::Point2d(-along.y, along.x) / cv::norm(along);
    for (int i = 0; i < 200; ++i) {
      const double t = (i + 0.5) / 200;
      points.push_back(from + t * along + bump * std::sin(std::numbers::pi * t) * outwards);
    }
  };
  side(c.sup.post, c.sup.ant, top_bump);
  side(c.inf.ant, c.inf.post, 0);
  side(c.sup.ant, c.inf.ant, front_bump);
  side(c.inf.post, c.sup.post, 0);
  return points;
}

double angle_deg(const Endplate& plate) {
  const cv::Point2d along = plate.ant - plate.post;
  return std::atan2(along.y, along.x) * 180 / std::numbers::pi;
}

}  // namespace

TEST_CASE("the profile of a body with straight sides is flat") {
  for (const double sample : contour_profile(outline_of(kBody), kBody)) {
    CHECK(sample == Approx(0).margin(1e-9));
  }
}

TEST_CASE("a bulging side appears in its own part of the profile, in depths") {
  const auto top = contour_profile(outline_of(kBody, 2.0), kBody);
  CHECK(top[kPlateSamples / 2] == Approx(0.05).margin(0.001));
  CHECK(top[0] < 0.01);
  CHECK(top[kPlateSamples + kPlateSamples / 2] == Approx(0).margin(1e-9));
  const auto front = contour_profile(outline_of(kBody, 0, -2.0), kBody);
  CHECK(front[2 * kPlateSamples + kWallSamples / 2] == Approx(-0.05).margin(0.004));
  CHECK(front[2 * kPlateSamples + kWallSamples + kWallSamples / 2] == Approx(0).margin(1e-9));
}

TEST_CASE("profiles do not depend on position, size and orientation of a body") {
  const auto moved = [](cv::Point2d p) {
    return cv::Point2d(300 + 3 * (0.8 * p.x - 0.6 * p.y), 100 + 3 * (0.6 * p.x + 0.8 * p.y));
  };
  Points outline = outline_of(kBody, 1.5, 1);
  const auto before = contour_profile(outline, kBody);
  for (auto& p : outline) p = moved(p);
  const auto after = contour_profile(outline, {{moved(kBody.sup.post), moved(kBody.sup.ant)},
                                               {moved(kBody.inf.post), moved(kBody.inf.ant)}});
  for (std::size_t i = 0; i < before.size(); ++i) CHECK(after[i] == Approx(before[i]).margin(1e-9));
}

TEST_CASE("gaps of an outline are interpolated") {
  Points outline = outline_of(kBody, 2.0);
  std::erase_if(outline, [](cv::Point2d p) { return p.y > 10 && std::abs(p.x) < 4; });
  const auto profile = contour_profile(outline, kBody);
  CHECK(profile[kPlateSamples / 2] == Approx(0.05).margin(0.005));
  for (const double sample : contour_profile({}, kBody)) CHECK(sample == 0);
}

TEST_CASE("a body with straight endplates is not oblique, one with a bulging endplate is") {
  CHECK(obliquity(contour_profile(outline_of(kBody), kBody)) == 0);
  CHECK(obliquity(contour_profile(outline_of(kBody, 2.0), kBody)) == 1);
  CHECK(obliquity(contour_profile(outline_of(kBody, -2.0), kBody)) == 0);
}

TEST_CASE("endplates are rotated about their midpoint, corrections are at most two degrees") {
  const Endplate plate = rotated(kBody.sup, 2.0);
  CHECK(angle_deg(plate) == Approx(2.0));
  CHECK(cv::norm(0.5 * (plate.post + plate.ant) - cv::Point2d(0, 15)) < 1e-9);
  CHECK(cv::norm(plate.ant - plate.post) == Approx(40));

  ContourProfile profile = contour_profile(outline_of(kBody, 2.0), kBody);
  const EndplateCorrections slight = default_endplate_corrections(profile);
  REQUIRE(std::abs(slight.sup_deg) > 0.01);
  for (double& sample : profile) sample *= 1000;
  const EndplateCorrections wild = default_endplate_corrections(profile);
  CHECK(std::abs(wild.sup_deg) == Approx(2));
  CHECK(wild.sup_deg * slight.sup_deg > 0);
  CHECK(std::abs(wild.inf_deg) <= 2);
}
