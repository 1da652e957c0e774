#include "spine/train/random_erasing.h"

#include <array>

#include "support/catch.h"
#include <opencv2/imgproc.hpp>

#include "spine/core/structure.h"

using namespace spine;
using train::with_erasing;
using train::with_implants_filled_in;

namespace {

cv::Mat ramp(cv::Size size) {
  cv::Mat film(size, CV_32FC1);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x)
      film.at<float>(y, x) = 0.2F + 0.004F * static_cast<float>(x);
  }
  return film;
}

}  // namespace

TEST_CASE("implants are inpainted from their borders, other pixels are unchanged") {
  cv::Mat film(96, 96, CV_32FC1);
  for (int y = 0; y < film.rows; ++y) film.row(y) = 0.2 + 0.004 * y;
  cv::Mat implant = cv::Mat::zeros(film.size(), CV_8UC1);
  implant(cv::Rect(30, 40, 8, 20)) = 255;
  cv::Mat implanted = film.clone();
  implanted.setTo(1, implant);
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    const cv::Mat filled = with_implants_filled_in(implanted, implant, sim::Rng(seed));
    CHECK(cv::norm(filled, film, cv::NORM_INF) < 0.05);
    cv::Mat far;
    cv::dilate(implant, far, cv::Mat(), {-1, -1}, 2);
    CHECK(cv::norm(filled, implanted, cv::NORM_INF, far == 0) < 1e-4);
  }
}

TEST_CASE("random erasing affects a part of the film only") {
  const cv::Mat film = ramp({96, 128});
  const cv::Rect content(20, 10, 60, 100);
  int shown = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const cv::Mat covered = with_erasing(film, content, {}, sim::Rng(seed));
    REQUIRE(covered.size() == film.size());
    double low = 0;
    double high = 0;
    cv::minMaxLoc(covered, &low, &high);
    CHECK(low >= 0);
    CHECK(high <= 1);
    cv::Mat changed = cv::abs(covered - film) > 1e-4;
    CHECK(cv::countNonZero(changed) < 0.5 * content.area());
    if (cv::countNonZero(changed) > 0) ++shown;
    // Metal is blurred slightly beyond the edge of the film.
    changed(content + cv::Point(-4, -4) + cv::Size(8, 8)) = 0;
    CHECK(cv::countNonZero(changed) == 0);
  }
  CHECK(shown > 30);
}

TEST_CASE("a known femoral head is sometimes erased, as by a prosthesis") {
  const cv::Mat film = ramp({128, 128});
  const cv::Rect content({}, film.size());
  cv::Mat head = cv::Mat::zeros(film.size(), CV_8UC1);
  cv::circle(head, {90, 100}, 8, 255, cv::FILLED);
  std::array<cv::Mat, kStructures.size()> structures;
  structures.fill(cv::Mat::zeros(film.size(), CV_8UC1));
  structures[index(Structure::F2)] = head;
  const auto times_covered = [&](std::span<const cv::Mat> known) {
    int times = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
      const cv::Mat covered = with_erasing(film, content, known, sim::Rng(seed));
      const cv::Mat changed = (cv::abs(covered - film) > 1e-5) & head;
      if (cv::countNonZero(changed) > 0.3 * cv::countNonZero(head)) ++times;
    }
    return times;
  };
  CHECK(times_covered({}) < 10);
  CHECK(times_covered(structures) > 15);
}

TEST_CASE("random erasing is determined by the seed") {
  const cv::Mat film = ramp({64, 64});
  const cv::Rect content({}, film.size());
  CHECK(cv::norm(with_erasing(film, content, {}, sim::Rng(4)),
                 with_erasing(film, content, {}, sim::Rng(4)), cv::NORM_INF) == 0);
  CHECK(cv::norm(with_erasing(film, content, {}, sim::Rng(4)),
                 with_erasing(film, content, {}, sim::Rng(5)), cv::NORM_INF) > 0);
}
