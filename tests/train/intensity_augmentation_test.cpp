#include "spine/train/intensity_augmentation.h"

#include "support/catch.h"

namespace {

cv::Mat ramp() {
  cv::Mat film(64, 48, CV_32FC1);
  for (int y = 0; y < film.rows; ++y) {
    for (int x = 0; x < film.cols; ++x)
      film.at<float>(y, x) = 0.2F + 0.005F * static_cast<float>(x + y);
  }
  return film;
}

}  // namespace

TEST_CASE("Augmented intensities stay within [0,1] and are determined by the seed") {
  int changed = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    cv::Mat a = ramp();
    cv::Mat b = ramp();
    spine::train::augment_intensities(a, {1.0, 0.1}, spine::sim::Rng(seed));
    spine::train::augment_intensities(b, {1.0, 0.1}, spine::sim::Rng(seed));
    double low = 0;
    double high = 0;
    cv::minMaxLoc(a, &low, &high);
    CHECK(low >= 0);
    CHECK(high <= 1);
    CHECK(cv::norm(a, b, cv::NORM_INF) == 0);
    CHECK(cv::checkRange(a));
    if (cv::norm(a, ramp(), cv::NORM_INF) > 0.05) ++changed;
  }
  CHECK(changed > 30);
}

TEST_CASE("At strength 0 the film is only stretched to the range") {
  cv::Mat film = ramp();
  spine::train::augment_intensities(film, {0.0, 1.0}, spine::sim::Rng(1));
  CHECK(film.at<float>(0, 0) == Approx(0).margin(1e-6));
  CHECK(film.at<float>(63, 47) == Approx(1));
  CHECK(film.at<float>(0, 20) < film.at<float>(30, 20));
}

TEST_CASE("A chance of one always inverts") {
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    cv::Mat plain = ramp();
    cv::Mat inverted = ramp();
    spine::train::augment_intensities(plain, {1.0, 0.0}, spine::sim::Rng(seed));
    spine::train::augment_intensities(inverted, {1.0, 1.0}, spine::sim::Rng(seed));
    const cv::Mat sum = plain + inverted;
    CHECK(cv::norm(sum, cv::Mat(sum.size(), CV_32FC1, cv::Scalar(1)), cv::NORM_INF) < 1e-6);
  }
}
