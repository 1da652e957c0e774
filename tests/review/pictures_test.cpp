#include "spine/review/pictures.h"

#include "support/catch.h"
#include <opencv2/imgproc.hpp>

using namespace spine::review;

namespace {

/// Fine stripes on a dark and on a bright half, as bone in both; of `step` grey values.
cv::Mat stripes(int type, double dark, double bright, double step) {
  cv::Mat film(256, 256, type);
  for (int y = 0; y < film.rows; ++y) {
    const double stripe = y / 4 % 2 == 0 ? step : -step;
    film.row(y).colRange(0, 128).setTo(dark + stripe);
    film.row(y).colRange(128, 256).setTo(bright + stripe);
  }
  return film;
}

/// The standard deviation of a quarter within one half, in shares of the type's range.
double contrast(const cv::Mat& film, int left) {
  cv::Scalar mean, deviation;
  cv::meanStdDev(film(cv::Rect(left, 64, 64, 128)), mean, deviation);
  return deviation[0] / (film.depth() == CV_8U ? 255.0 : 65535.0);
}

}  // namespace

TEST_CASE("local contrast shows faint structures in the dark and in the bright alike") {
  for (const int type : {CV_8UC1, CV_16UC1}) {
    const double unit = type == CV_8UC1 ? 1 : 256;
    const cv::Mat film = stripes(type, 30 * unit, 220 * unit, 3 * unit);
    const cv::Mat result = local_contrast(film);
    CHECK(result.type() == film.type());
    CHECK(result.size() == film.size());
    for (const int left : {32, 160}) CHECK(contrast(result, left) > 2 * contrast(film, left));
  }
}

TEST_CASE("local contrast of a film of 12 bits in 16 is that of the same film in all 16") {
  cv::Mat film(512, 512, CV_16UC1);
  cv::randn(film, cv::Scalar(1500), cv::Scalar(300));
  const cv::Mat spread = film * 16;
  cv::Mat difference;
  cv::absdiff(local_contrast(film), local_contrast(spread), difference);
  CHECK(cv::mean(difference)[0] < 0.02 * 65535);
}

TEST_CASE("local contrast of an even film is even") {
  const cv::Mat result = local_contrast(cv::Mat(300, 200, CV_16UC1, cv::Scalar(1000)));
  double low = 0, high = 0;
  cv::minMaxLoc(result, &low, &high);
  CHECK(low == high);
}
