#include "spine/render/overlay.h"

#include "support/catch.h"
#include <opencv2/imgproc.hpp>

#include "spine/io/mask_io.h"

using namespace spine;

namespace {

constexpr int kWidth = 400;
constexpr int kHeight = 600;

Image grey_film(int type = CV_8UC1) {
  return Image(cv::Mat(kHeight, kWidth, type, cv::Scalar(type == CV_8UC1 ? 90 : 2000)));
}

Landmarks example() {
  Landmarks l;
  l.size = {kWidth, kHeight};
  for (int i = 0; i < 5; ++i) {
    const double y = 60 + 60 * i;
    l.vertebrae[static_cast<std::size_t>(i)] =
        VertebraCorners{{{240, y}, {170, y}}, {{240, y + 45}, {170, y + 45}}};
  }
  l.s1 = Endplate{{250, 370}, {190, 400}};
  l.femoral_heads = {{{150, 520}, 30}, {{160, 525}, 32}};
  return l;
}

/// Pixels with differing channels: the film itself is grey.
cv::Mat coloured(const cv::Mat& bgr) {
  cv::Mat channels[3];
  cv::split(bgr, channels);
  cv::Mat difference;
  cv::absdiff(channels[0], channels[2], difference);
  return difference > 20;
}

}  // namespace

TEST_CASE("An overlay has the film's size and leaves distant parts unchanged") {
  const cv::Mat overlay = draw_overlay(grey_film(), nullptr, example(), {});
  CHECK(overlay.type() == CV_8UC3);
  CHECK(overlay.size() == cv::Size(kWidth, kHeight));
  CHECK(overlay.at<cv::Vec3b>(300, 20) == cv::Vec3b(90, 90, 90));
}

TEST_CASE("Contours and endplates are drawn at masks and landmarks") {
  MaskStack masks(cv::Size(kWidth, kHeight));
  cv::Mat mask = cv::Mat::zeros(masks.size(), CV_8UC1);
  cv::rectangle(mask, {170, 60, 70, 45}, 255, cv::FILLED);
  masks.set(Structure::L1, mask);
  Landmarks none;
  none.size = masks.size();
  const cv::Mat drawn = coloured(draw_overlay(grey_film(), &masks, none, {}));
  CHECK(drawn.at<std::uint8_t>(80, 170) != 0);
  CHECK(drawn.at<std::uint8_t>(80, 239) != 0);
  CHECK(drawn.at<std::uint8_t>(80, 150) == 0);

  const cv::Mat lines = coloured(draw_overlay(grey_film(), nullptr, example(), {}));
  CHECK(lines.at<std::uint8_t>(120, 200) != 0);  // L2's superior endplate
  CHECK(lines.at<std::uint8_t>(385, 220) != 0);  // S1's endplate, middle
}

TEST_CASE("Values are drawn: other values give another image") {
  Measurements low;
  low.values = {{"PI", 40.0, "deg", "ok"}};
  Measurements high;
  high.values = {{"PI", 77.7, "deg", "ok"}};
  const auto film = grey_film();
  const cv::Mat a = draw_overlay(film, nullptr, example(), low);
  const cv::Mat b = draw_overlay(film, nullptr, example(), high);
  CHECK(cv::norm(a, b, cv::NORM_INF) > 0);
  CHECK(cv::norm(a, draw_overlay(film, nullptr, example(), low), cv::NORM_INF) == 0);
}

TEST_CASE("The table is placed in the emptiest corner") {
  cv::Mat pixels(kHeight, kWidth, CV_8UC1, cv::Scalar(60));
  cv::RNG rng(3);
  cv::Mat left = pixels.colRange(0, kWidth / 2);
  rng.fill(left, cv::RNG::UNIFORM, 0, 255);
  cv::Mat top = pixels.rowRange(0, kHeight / 2);
  rng.fill(top, cv::RNG::UNIFORM, 0, 255);
  const cv::Mat overlay = draw_overlay(Image(pixels), nullptr, {}, {});
  cv::Mat grey;
  cv::cvtColor(overlay, grey, cv::COLOR_BGR2GRAY);
  cv::Mat changed = grey != pixels;
  const cv::Rect corner(kWidth / 2, kHeight / 2, kWidth / 2, kHeight / 2);
  CHECK(cv::countNonZero(changed(corner)) > 1000);
  changed(corner).setTo(0);
  CHECK(cv::countNonZero(changed) == 0);
}

TEST_CASE("16-bit films are stretched for display") {
  cv::Mat pixels(kHeight, kWidth, CV_16UC1);
  for (int x = 0; x < kWidth; ++x) pixels.col(x).setTo(100 + x);
  const cv::Mat overlay = draw_overlay(Image(pixels), nullptr, {}, {});
  CHECK(overlay.at<cv::Vec3b>(300, 5)[0] < 20);
  CHECK(overlay.at<cv::Vec3b>(300, kWidth - 5)[0] > 200);
}

TEST_CASE("Tiny films, partial findings and extreme numbers are drawn") {
  Landmarks wild = example();
  wild.s1 = Endplate{{1e300, -1e300}, {5, 5}};
  wild.femoral_heads = {{{-1e9, 1e9}, 1e8}};
  CHECK_FALSE(draw_overlay(grey_film(), nullptr, wild, {}).empty());
  Landmarks flat = example();
  flat.s1 = Endplate{{100, 100}, {100, 100}};
  CHECK_FALSE(draw_overlay(grey_film(), nullptr, flat, {}).empty());
  const Image tiny(cv::Mat(3, 2, CV_8UC1, cv::Scalar(9)));
  CHECK(draw_overlay(tiny, nullptr, {}, {}).size() == cv::Size(2, 3));
  FilmInfo oblong;
  oblong.spacing = Spacing{0.1, 0.3};
  const Image odd(cv::Mat(64, 64, CV_8UC1, cv::Scalar(9)), oblong);
  CHECK_FALSE(draw_overlay(odd, nullptr, example(), {}).empty());
}
