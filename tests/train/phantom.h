#pragma once
#include <opencv2/imgproc.hpp>

#include "spine/sim/scene.h"
#include "spine/train/film_source.h"

namespace spine::test {

/// Path lengths of a block of soft tissue with two square "vertebrae" (L1 upper, L2 lower) and two
/// discs as femoral heads, F1 to the left (anterior).
inline sim::PathLengthProjections phantom_paths(int rows = 128, int cols = 96) {
  sim::PathLengthProjections paths;
  const cv::Size size(cols, rows);
  auto& soft = paths.length_mm[static_cast<std::size_t>(sim::Material::soft)];
  auto& bone = paths.length_mm[static_cast<std::size_t>(sim::Material::cortical)];
  soft = cv::Mat(size, CV_32FC1, cv::Scalar(200));
  bone = cv::Mat::zeros(size, CV_32FC1);
  paths.structures = cv::Mat::zeros(size, CV_8UC1);
  const auto add = [&](Structure s, const auto& draw) {
    cv::Mat mask = cv::Mat::zeros(size, CV_8UC1);
    draw(mask);
    bone.setTo(20, mask);
    cv::bitwise_or(paths.structures, cv::Scalar(1 << index(s)), paths.structures, mask);
  };
  const auto square = [&](int y) {
    return [=](cv::Mat& mask) {
      cv::rectangle(mask, cv::Rect(cols / 2 - 10, y, 20, 16), cv::Scalar(255), cv::FILLED);
    };
  };
  add(Structure::L1, square(rows / 4));
  add(Structure::L2, square(rows / 4 + 24));
  const cv::Point f1(cols / 2 - 12, rows * 3 / 4);
  const cv::Point f2(cols / 2 + 12, rows * 3 / 4);
  add(Structure::F1, [&](cv::Mat& m) { cv::circle(m, f1, 8, cv::Scalar(255), cv::FILLED); });
  add(Structure::F2, [&](cv::Mat& m) { cv::circle(m, f2, 8, cv::Scalar(255), cv::FILLED); });
  paths.landmarks.size = size;
  paths.landmarks.anterior = Side::left;
  paths.landmarks.femoral_heads = {{cv::Point2d(f1), 8}, {cv::Point2d(f2), 8}};
  paths.landmarks.vertebrae[0] = VertebraCorners{{{58, 32}, {38, 32}}, {{58, 48}, {38, 48}}};
  paths.pixel_mm = 1.0;
  return paths;
}

/// A film source that always returns the phantom.
class PhantomSource : public train::FilmSource {
 public:
  [[nodiscard]] train::TrainingFilm draw(sim::Rng& rng) const override {
    rng.next();
    return {phantom_paths(), {}};
  }
  void refresh() override { ++refreshed; }
  [[nodiscard]] std::size_t count() const override { return 1; }
  [[nodiscard]] std::string description() const override { return "phantom"; }
  int refreshed = 0;
};

}  // namespace spine::test
