#include "spine/stages/locate/endplate_window.h"

#include <cmath>

#include "support/catch.h"
#include "support/near.h"
#include <opencv2/imgproc.hpp>

#include "spine/core/geometry.h"

using namespace spine;
using test::near;

namespace {

constexpr int kNet = 64;

/// An endplate of 100 pixels about (300, 400), its anterior end rotated downwards by `turn_deg`.
Endplate plate(Side anterior, double turn_deg) {
  const double turn = rad_from_deg(turn_deg);
  const cv::Point2d forwards((anterior == Side::left ? -1 : 1) * std::cos(turn), std::sin(turn));
  const cv::Point2d middle(300, 400);
  return {middle - 50 * forwards, middle + 50 * forwards};
}

/// A bright body on a dark film, above or below the endplate.
cv::Mat film_with_body(const Endplate& endplate, Side anterior, bool superior) {
  const cv::Point2d along = endplate.ant - endplate.post;
  const double side = (anterior == Side::right) == superior ? 0.8 : -0.8;
  const cv::Point2d body(-side * along.y, side * along.x);
  std::vector<cv::Point> corners;
  for (const cv::Point2d& p :
       {endplate.post, endplate.ant, endplate.ant + body, endplate.post + body}) {
    corners.emplace_back(cvRound(p.x), cvRound(p.y));
  }
  cv::Mat film(800, 600, CV_16UC1, cv::Scalar(10000));
  cv::fillConvexPoly(film, corners, cv::Scalar(50000), cv::LINE_AA);
  return film;
}

}  // namespace

TEST_CASE("In its window an endplate is horizontal, its anterior end at the left, its body below") {
  for (const Side anterior : {Side::left, Side::right}) {
    for (const bool superior : {true, false}) {
      for (const double turn : {-40.0, 0.0, 25.0}) {
        INFO((anterior == Side::left) << " " << superior << " " << turn);
        const Endplate endplate = plate(anterior, turn);
        const auto window = endplate_window(endplate, anterior, superior, kNet);
        const auto estimate = estimate_of(endplate, window);
        CHECK(estimate.front == near(-0.5 / kEndplateWindow));
        CHECK(estimate.back == near(0.5 / kEndplateWindow));
        CHECK(estimate.height == near(0));
        CHECK(estimate.slope == near(0));
        const cv::Mat square = cut(film_with_body(endplate, anterior, superior), window);
        REQUIRE(square.size() == cv::Size(kNet, kNet));
        CHECK(square.at<float>(kNet / 2 + 6, kNet / 2) > 0.95f);
        CHECK(square.at<float>(kNet / 2 - 6, kNet / 2) < 0.05f);
      }
    }
  }
}

TEST_CASE("Estimates in a window are transformed back to the film") {
  const Endplate truth = plate(Side::left, 12);
  Endplate guess = truth;
  guess.post += cv::Point2d(9, -4);
  guess.ant += cv::Point2d(-3, 11);
  for (const bool superior : {true, false}) {
    const auto window = endplate_window(guess, Side::left, superior, kNet);
    const auto estimate = estimate_of(truth, window);
    CHECK(std::abs(estimate.slope) > 0.05);
    const Endplate back = endplate_of(estimate, window);
    CHECK(cv::norm(back.post - truth.post) < 1e-9);
    CHECK(cv::norm(back.ant - truth.ant) < 1e-9);
  }
}

TEST_CASE("The standard deviations of an estimate are those of the endplate") {
  EndplateEstimate estimate{-0.3, 0.3, 0, 0, 0.03, 0.006, std::tan(rad_from_deg(1.0))};
  auto deviation = deviation_of(estimate);
  CHECK(deviation.turn_deg == near(1, 1e-3));
  CHECK(deviation.along == near(0.05));
  CHECK(deviation.across == near(0.01));
  estimate.slope = 1;  // at 45 degrees a change of slope changes the angle half as much
  deviation = deviation_of(estimate);
  CHECK(deviation.turn_deg == near(0.5, 1e-3));
}

TEST_CASE("Windows are 0 outside the film") {
  const cv::Mat film(100, 100, CV_8UC1, cv::Scalar(200));
  const Endplate outside{{300, 50}, {260, 50}};
  const cv::Mat nothing = cut(film, endplate_window(outside, Side::left, true, kNet));
  CHECK(cv::countNonZero(nothing) == 0);
  const Endplate edge{{120, 50}, {80, 50}};
  const cv::Mat half = cut(film, endplate_window(edge, Side::left, true, kNet));
  CHECK(half.at<float>(kNet / 2, 4) == 1);
  CHECK(half.at<float>(kNet / 2, kNet - 4) == 0);
}
