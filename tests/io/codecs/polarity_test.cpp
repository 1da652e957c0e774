#include "spine/io/codecs/polarity.h"

#include "support/catch.h"
#include "support/pictures.h"

using namespace spine;

TEST_CASE("Bright bone scores above zero and its inverse below") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const cv::Mat film = test::toy_film({400, 600}, seed);
    CHECK(polarity_cues(film).score() > 1);
    CHECK(polarity_cues(~film).score() < -1);
  }
}

TEST_CASE("Depth and scale of grey values do not matter") {
  cv::Mat deep;
  test::toy_film().convertTo(deep, CV_16U, 16, 300);
  CHECK(polarity_cues(deep).score() == Approx(polarity_cues(test::toy_film()).score()).margin(0.5));
}

TEST_CASE("A white shutter does not count as air") {
  const cv::Mat film = test::toy_film();
  cv::Mat shuttered(film.size(), film.type(), cv::Scalar(255));
  const cv::Rect open(130, 60, 150, 500);
  film(open).copyTo(shuttered(open));
  CHECK(polarity_cues(shuttered).score() > 0.5);
  CHECK(polarity_cues(~shuttered).score() < -0.5);
}

TEST_CASE("A saturated patient is not classified as air") {
  cv::Mat saturated = test::toy_film();
  // White from the middle of the film downwards, at the pelvis.
  saturated(cv::Rect(110, 250, 220, 350)).setTo(255);
  CHECK(polarity_cues(saturated).saturated > 0.3);
  CHECK(polarity_cues(~saturated).saturated < -0.3);
  CHECK(polarity_cues(saturated).score() > 0.5);
}

TEST_CASE("Every feature changes its sign when the image is inverted") {
  const auto cues = polarity_cues(test::toy_film());
  const auto inverse = polarity_cues(~test::toy_film());
  CHECK(cues.border == Approx(-inverse.border).margin(0.1));
  CHECK(cues.ridges == Approx(-inverse.ridges).margin(0.05));
  CHECK(cues.below == Approx(-inverse.below).margin(0.05));
  CHECK(cues.center == Approx(-inverse.center).margin(0.05));
  CHECK(cues.saturated == Approx(-inverse.saturated).margin(0.05));
  CHECK(cues.noise == Approx(-inverse.noise).margin(0.1));
}

TEST_CASE("Images without evidence give no features") {
  CHECK(polarity_cues(cv::Mat(100, 100, CV_8UC1, cv::Scalar(7))).score() == 0);
  CHECK(std::abs(polarity_cues(test::noise(3, 5, CV_8UC1)).score()) < 100);
}
