#include "spine/stages/restore/inpaint.h"

#include "support/catch.h"
#include <opencv2/imgproc.hpp>

#include "spine/core/error.h"

using namespace spine;

namespace {

/// A slope with noise, and the same with a bright bar.
struct Pair {
  cv::Mat plain, barred, mask;
};

Pair make_pair(int type) {
  const double top = type == CV_8UC1 ? 255 : 65535;
  Pair pair;
  pair.plain.create(120, 160, type);
  cv::Mat grey(120, 160, CV_32FC1);
  cv::RNG rng(5);
  rng.fill(grey, cv::RNG::NORMAL, 0, 0.005);
  for (int x = 0; x < 160; ++x) grey.col(x) += 0.2 + 0.003 * x;
  grey.convertTo(pair.plain, type, top);
  pair.barred = pair.plain.clone();
  pair.mask = cv::Mat::zeros(pair.plain.size(), CV_8UC1);
  cv::rectangle(pair.mask, {60, 30, 12, 60}, cv::Scalar(255), cv::FILLED);
  cv::rectangle(pair.mask, {155, 100, 20, 30}, cv::Scalar(255), cv::FILLED);  // over the edge
  pair.barred.setTo(0.95 * top, pair.mask);
  return pair;
}

double error_in(const cv::Mat& a, const cv::Mat& b, const cv::Mat& mask, double top) {
  cv::Mat difference;
  cv::absdiff(a, b, difference);
  return cv::mean(difference, mask)[0] / top;
}

}  // namespace

TEST_CASE("masked pixels are filled in and all others are unchanged") {
  const int type = GENERATE(CV_8UC1, CV_16UC1);
  const Inpainting method =
      GENERATE(Inpainting::telea, Inpainting::navier_stokes, Inpainting::texture);
  const Pair pair = make_pair(type);
  const double top = type == CV_8UC1 ? 255 : 65535;
  cv::Mat drawn;
  pair.plain.convertTo(drawn, CV_32F, 1, -0.1 * top);  // correct except for an offset
  FilmInfo info;
  info.spacing = Spacing{0.2, 0.2};
  const Image result = inpaint(Image(pair.barred, info), pair.mask, {method, 4}, drawn);
  CHECK(result.pixels().type() == type);
  CHECK(result.info().spacing == info.spacing);
  CHECK(error_in(result.pixels(), pair.plain, pair.mask, top) < 0.03);
  cv::Mat outside;
  cv::absdiff(result.pixels(), pair.barred, outside);
  outside.setTo(0, pair.mask);
  CHECK(cv::countNonZero(outside) == 0);
}

TEST_CASE("a hole too large to be filled pixel by pixel is filled at a lower resolution") {
  const Inpainting method = GENERATE(Inpainting::telea, Inpainting::navier_stokes);
  const int type = GENERATE(CV_8UC1, CV_16UC1);
  // 150,000 pixels with a radius of 30 are 560 million visits.
  const double top = type == CV_8UC1 ? 255 : 65535;
  cv::Mat slope(500, 500, CV_32FC1), plain;
  for (int x = 0; x < 500; ++x) slope.col(x).setTo((0.2 + 0.001 * x) * top);
  slope.convertTo(plain, type);
  cv::Mat mask = cv::Mat::zeros(plain.size(), CV_8UC1);
  mask(cv::Rect(50, 60, 390, 385)).setTo(255);
  cv::Mat barred = plain.clone();
  barred.setTo(0.95 * top, mask);
  const Image result = inpaint(Image(barred), mask, {method, 30});
  CHECK(error_in(result.pixels(), plain, mask, top) < 0.1);
  double brightest = 0;
  cv::minMaxLoc(result.pixels(), nullptr, &brightest);
  CHECK(brightest < 0.8 * top);  // nothing of the bar is left
  cv::Mat outside;
  cv::absdiff(result.pixels(), barred, outside);
  outside.setTo(0, mask);
  CHECK(cv::countNonZero(outside) == 0);
}

TEST_CASE("texture keeps the structure of the reconstruction inside a hole") {
  Pair pair = make_pair(CV_16UC1);
  // An edge that crosses the hole.
  cv::Mat drawn;
  pair.plain.rowRange(60, 120) += cv::Scalar(12000);
  pair.barred = pair.plain.clone();
  pair.barred.setTo(60000, pair.mask);
  pair.plain.convertTo(drawn, CV_32F);
  const double textured =
      error_in(inpaint(Image(pair.barred), pair.mask, {Inpainting::texture, 4}, drawn).pixels(),
               pair.plain, pair.mask, 65535);
  CHECK(textured < 0.01);
}

TEST_CASE("the rim around an implant is not used as a source") {
  const Inpainting method =
      GENERATE(Inpainting::telea, Inpainting::navier_stokes, Inpainting::texture);
  Pair pair = make_pair(CV_16UC1);
  cv::Mat drawn;
  pair.plain.convertTo(drawn, CV_32F);
  cv::Mat brightened;
  cv::dilate(pair.mask, brightened, cv::Mat(), {-1, -1}, 2);
  pair.barred.setTo(60000, brightened);
  const auto error = [&](double rim_px) {
    const Image result = inpaint(Image(pair.barred), pair.mask, {method, 4, rim_px}, drawn);
    cv::Mat outside;
    cv::absdiff(result.pixels(), pair.barred, outside);
    outside.setTo(0, pair.mask);
    CHECK(cv::countNonZero(outside) == 0);
    return error_in(result.pixels(), pair.plain, pair.mask, 65535);
  };
  const double with_rim = error(3);
  const double without = error(0);
  CHECK(with_rim < 0.03);
  CHECK(with_rim < 0.5 * without);
}

TEST_CASE("a mask of the whole film is no error") {
  const cv::Mat pixels(64, 64, CV_8UC1, cv::Scalar(200));
  const cv::Mat mask(64, 64, CV_8UC1, cv::Scalar(255));
  const cv::Mat drawn(64, 64, CV_32FC1, cv::Scalar(100));
  for (const auto method : {Inpainting::telea, Inpainting::navier_stokes, Inpainting::texture}) {
    CHECK_NOTHROW(inpaint(Image(pixels), mask, {method, 3}, drawn));
  }
}

TEST_CASE("a mask or reconstruction of another size is an internal error") {
  const Image film(cv::Mat(64, 64, CV_8UC1, cv::Scalar(1)));
  CHECK_THROWS_AS(inpaint(film, cv::Mat::zeros(32, 64, CV_8UC1), {Inpainting::telea}), Error);
  CHECK_THROWS_AS(inpaint(film, cv::Mat::zeros(64, 64, CV_8UC1), {Inpainting::texture}), Error);
}
