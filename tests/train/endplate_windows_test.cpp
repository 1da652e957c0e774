#include "spine/train/endplate_windows.h"

#include <cmath>

#include "phantom.h"
#include "support/catch.h"

using namespace spine;

TEST_CASE("Each endplate on a film gives a window showing it") {
  const train::TrainingFilm film{test::phantom_paths(), {}};
  train::AugmentOptions options;
  options.grey_strength = 0;
  options.inversion_chance = 0;
  options.marks = false;
  int bright_below = 0, windows = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto examples = train::draw_endplates(film, 64, options, sim::Rng(seed));
    CHECK(examples.size() <= 2);  // the one body's; collimation may hide them
    for (const auto& [square, truth] : examples) {
      REQUIRE(square.size() == cv::Size(64, 64));
      CHECK(truth.front < truth.back);
      CHECK(std::abs(truth.slope) < std::tan(0.7));
      // A body's length of bone under the endplate's middle, none over it.
      const int x = static_cast<int>(32 + 64 * 0.5 * (truth.front + truth.back));
      const int y = static_cast<int>(32 + 64 * truth.height);
      if (y < 10 || y > 54 || x < 0 || x > 63) continue;
      ++windows;
      if (square.at<float>(y + 8, x) > square.at<float>(y - 8, x)) ++bright_below;
    }
  }
  CHECK(windows > 10);
  CHECK(bright_below > 0.9 * windows);
}

TEST_CASE("Windows are determined by the seed; films without landmarks give none") {
  train::TrainingFilm film{test::phantom_paths(), {}};
  const auto a = train::draw_endplates(film, 32, {}, sim::Rng(5));
  const auto b = train::draw_endplates(film, 32, {}, sim::Rng(5));
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    CHECK(cv::norm(a[i].square, b[i].square, cv::NORM_INF) == 0);
    CHECK(a[i].truth.slope == b[i].truth.slope);
  }
  film.paths.landmarks.vertebrae[0].reset();
  CHECK(train::draw_endplates(film, 32, {}, sim::Rng(5)).empty());
}

TEST_CASE("A finished film is cropped without augmentation") {
  const auto truth = test::phantom_paths().landmarks;
  cv::Mat film(truth.size, CV_8UC1, cv::Scalar(30));
  film(cv::Rect(38, 32, 20, 16)).setTo(200);
  const auto examples = train::endplates_on(film, truth, 64, sim::Rng(1));
  REQUIRE(examples.size() == 2);
  CHECK(cv::countNonZero(examples[0].square > 0.5f) > 64 * 64 / 8);
}
