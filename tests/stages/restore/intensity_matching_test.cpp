#include "spine/stages/restore/intensity_matching.h"

#include "support/catch.h"
#include <opencv2/imgproc.hpp>

using namespace spine;

namespace {

/// Bars and a slope, as a film might have.
cv::Mat pattern(int side) {
  cv::Mat film(side, side, CV_32FC1);
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      film.at<float>(y, x) = 0.3F + 0.2F * static_cast<float>(x) / static_cast<float>(side) +
                             0.25F * static_cast<float>((y / 6) % 2);
    }
  }
  return film;
}

}  // namespace

TEST_CASE("greys are matched locally") {
  const cv::Mat film = pattern(128);
  // Half the contrast, and an offset that grows from left to right.
  cv::Mat drawn = 0.5 * film;
  for (int x = 0; x < drawn.cols; ++x) drawn.col(x) += 0.002 * x;
  const cv::Rect all(0, 0, 128, 128);
  CHECK(cv::mean(cv::abs(drawn - film))[0] > 0.05);
  CHECK(cv::mean(cv::abs(match_intensity(drawn, film, all, 24) - film))[0] < 0.015);
}

TEST_CASE("structures that only the film shows do not affect the match") {
  cv::Mat film = pattern(128);
  const cv::Mat drawn = film.clone();
  cv::line(film, {30, 20}, {90, 70}, cv::Scalar(1), 3);
  const cv::Mat matched = match_intensity(drawn, film, {0, 0, 128, 128}, 24);
  CHECK(cv::mean(cv::abs(matched - drawn))[0] < 0.01);
  CHECK(film.at<float>(45, 60) - matched.at<float>(45, 60) > 0.3F);
}

TEST_CASE("the result is 0 outside the content") {
  const cv::Mat film = pattern(64);
  const cv::Mat matched = match_intensity(film, film, {16, 0, 32, 64}, 12);
  CHECK(cv::countNonZero(matched.colRange(0, 16)) == 0);
  CHECK(cv::countNonZero(matched.colRange(48, 64)) == 0);
}
