#include "spine/sim/expose.h"

#include <cmath>

#include "phantom.h"
#include "support/catch.h"
#include <opencv2/imgproc.hpp>

using namespace spine;
using namespace spine::sim;

namespace {

PathLengthProjections phantom_paths(int height_px) {
  SoftTissue soft;
  soft.envelope = sphere({20, 0, 150}, 190, 64, 128);
  return project(test::sphere_anatomy(), soft, nullptr, test::plain_view(), height_px);
}

ExposureOptions plain() {
  ExposureOptions options;
  options.variation = 0;
  options.collimation = false;
  options.markers = false;
  return options;
}

double mean_around(const cv::Mat& film, const cv::Point2d& at, int radius) {
  const cv::Rect box(static_cast<int>(at.x) - radius, static_cast<int>(at.y) - radius,
                     2 * radius + 1, 2 * radius + 1);
  return cv::mean(film(box & cv::Rect({0, 0}, film.size())))[0];
}

cv::Point2d middle_of(const VertebraCorners& v) {
  return (v.sup.post + v.sup.ant + v.inf.post + v.inf.ant) / 4;
}

}  // namespace

TEST_CASE("a film has 16 bit, the size of the maps, and bright bone") {
  const PathLengthProjections paths = phantom_paths(300);
  Rng rng(1);
  const cv::Mat film = expose(paths, plain(), rng);
  REQUIRE(film.type() == CV_16UC1);
  REQUIRE(film.size() == paths.structures.size());
  const cv::Point2d bone = middle_of(*paths.landmarks.vertebrae[2]);
  CHECK(mean_around(film, bone, 3) > mean_around(film, bone + cv::Point2d(35, 0), 3) + 1000);
  CHECK(mean_around(film, {3, 3}, 2) < 1000);  // air
}

TEST_CASE("more bone is brighter") {
  PathLengthProjections paths = phantom_paths(300);
  const cv::Point2d bone = middle_of(*paths.landmarks.vertebrae[2]);
  Rng first(7), second(7);
  const double before = mean_around(expose(paths, plain(), first), bone, 3);
  cv::Mat& cancellous = paths.length_mm[static_cast<std::size_t>(Material::cancellous)];
  cv::Mat spot = cv::Mat::zeros(cancellous.size(), CV_32FC1);
  spot(cv::Rect(static_cast<int>(bone.x) - 4, static_cast<int>(bone.y) - 4, 9, 9)) = 30;
  cancellous = cancellous + spot;
  CHECK(mean_around(expose(paths, plain(), second), bone, 3) > before + 500);
}

TEST_CASE("a film is determined by the random stream") {
  const PathLengthProjections paths = phantom_paths(200);
  const ExposureOptions options;
  Rng a(11), b(11), c(12);
  const cv::Mat first = expose(paths, options, a), second = expose(paths, options, b);
  CHECK(cv::norm(first, second, cv::NORM_L1) == 0);
  CHECK(cv::norm(first, expose(paths, options, c), cv::NORM_L1) > 0);
  CHECK(a.next() == b.next());
}

TEST_CASE("the area outside the collimation is uniform and masked") {
  const PathLengthProjections paths = phantom_paths(200);
  ExposureOptions options;
  options.markers = false;
  int hidden_films = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    Rng rng(seed);
    cv::Mat visible;
    expose(paths, options, rng, &visible);
    REQUIRE(visible.type() == CV_8UC1);
    REQUIRE(visible.size() == paths.structures.size());
    if (cv::countNonZero(visible) == static_cast<int>(visible.total())) continue;
    ++hidden_films;
    // The spine is never hidden.
    for (const auto& v : paths.landmarks.vertebrae) {
      CHECK(visible.at<std::uint8_t>(cv::Point(middle_of(*v))) == 255);
    }
  }
  CHECK(hidden_films > 5);
  CHECK(hidden_films < 30);
  options.collimation = false;
  Rng rng(1);
  cv::Mat visible;
  expose(paths, options, rng, &visible);
  CHECK(cv::countNonZero(visible) == static_cast<int>(visible.total()));
}

/// The same patient on pixels `factor` times as large.
PathLengthProjections averaged(const PathLengthProjections& paths, int factor) {
  PathLengthProjections result = paths;
  const cv::Size size = paths.structures.size() / factor;
  for (cv::Mat& length : result.length_mm) {
    if (!length.empty()) cv::resize(length, length, size, 0, 0, cv::INTER_AREA);
  }
  cv::resize(paths.structures, result.structures, size, 0, 0, cv::INTER_NEAREST);
  result.pixel_mm *= factor;
  return result;
}

TEST_CASE("a film at a lower resolution resembles the downscaled one") {
  Rng a(21), b(21);
  const cv::Mat large = expose(phantom_paths(800), plain(), a);
  const cv::Mat small = expose(averaged(phantom_paths(800), 4), plain(), b);
  cv::Mat from_large, from_small;
  large.convertTo(from_large, CV_32F, 1 / 65535.0);
  small.convertTo(from_small, CV_32F, 1 / 65535.0);
  double difference = 0;
  for (int y = 0; y < small.rows; ++y) {
    for (int x = 0; x < small.cols; ++x) {
      const cv::Rect block(std::min(4 * x, large.cols - 4), 4 * y, 4, 4);
      difference += std::abs(cv::mean(from_large(block))[0] - from_small.at<float>(y, x));
    }
  }
  CHECK(difference / static_cast<double>(small.total()) < 0.02);
}
