#include "spine/train/endplate_windows.h"

#include <cmath>
#include <utility>

#include <opencv2/imgproc.hpp>

#include "spine/core/geometry.h"
#include "spine/train/film_variation.h"
#include "spine/train/foreign_objects.h"
#include "spine/train/intensity_augmentation.h"
#include "spine/train/random_erasing.h"

namespace spine::train {
namespace {

/// Position of an endplate as placed by a contour, with errors.
Endplate misplaced(const Endplate& truth, sim::Rng& rng) {
  const bool far = rng.chance(0.2);
  const double turn = rad_from_deg(rng.normal_within(0, far ? 12 : 3, -35, 35));
  const double shift = far ? 0.12 : 0.04;  // in lengths
  const cv::Point2d along = truth.post - truth.ant;
  const cv::Point2d across(-along.y, along.x);
  const cv::Point2d middle =
      midpoint(truth) + rng.normal(0, shift) * along + rng.normal(0, shift) * across;
  const double stretch = std::exp(rng.normal_within(0, 0.08, -0.25, 0.25));
  const cv::Point2d half = 0.5 * stretch * (std::cos(turn) * along + std::sin(turn) * across);
  return {middle + half, middle - half};
}

/// An endplate of a film.
struct Plate {
  Endplate ends;
  bool superior;  ///< of its vertebral body
  int windows;    ///< for training: more at the lumbosacral junction, which varies most
};

std::vector<Plate> endplates_of(const Landmarks& landmarks) {
  std::vector<Plate> plates;
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    const auto& body = landmarks.vertebrae[i];
    if (!body) continue;
    plates.push_back({body->sup, true, 1});
    plates.push_back({body->inf, false, i + 1 == kLumbarCount ? 2 : 1});
  }
  if (landmarks.s1) plates.push_back({*landmarks.s1, true, 3});
  return plates;
}

bool is_shown(cv::Point2d p, cv::Size film, const cv::Mat& visible) {
  const cv::Point at(cvRound(p.x), cvRound(p.y));
  if (!cv::Rect({0, 0}, film).contains(at)) return false;
  return visible.empty() || visible.at<std::uint8_t>(at) != 0;
}

Endplate scaled(const Endplate& plate, cv::Point2d factor) {
  const auto scale = [&](cv::Point2d p) {
    return cv::Point2d((p.x + 0.5) * factor.x - 0.5, (p.y + 0.5) * factor.y - 0.5);
  };
  return {scale(plate.post), scale(plate.ant)};
}

std::vector<EndplateExample> cut_windows(const cv::Mat& film, const cv::Mat& visible,
                                         const Landmarks& truth, cv::Point2d factor, bool training,
                                         int net, sim::Rng& rng) {
  std::vector<EndplateExample> examples;
  for (const auto& [unscaled, superior, windows] : endplates_of(truth)) {
    const Endplate plate = scaled(unscaled, factor);
    if (!is_shown(plate.post, film.size(), visible) || !is_shown(plate.ant, film.size(), visible)) {
      continue;
    }
    for (int i = 0; i < (training ? windows : 1); ++i) {
      const EndplateWindow window =
          endplate_window(misplaced(plate, rng), truth.anterior, superior, net);
      examples.push_back({cut(film, window), estimate_of(plate, window)});
    }
  }
  return examples;
}

}  // namespace

std::vector<EndplateExample> draw_endplates(const TrainingFilm& film, int net,
                                            const AugmentOptions& options, sim::Rng rng) {
  sim::Rng exposure = rng.split("exposure");
  cv::Mat visible;
  cv::Mat grey =
      film.film.empty() ? expose_whole(film.paths, options, exposure, visible) : film.film.clone();
  augment_intensities(grey, {options.grey_strength, options.inversion_chance, options.marks},
                      rng.split("grey"));
  sim::Rng foreign = rng.split("foreign");
  if (foreign.chance(options.foreign_chance)) grey = with_foreign_objects(grey, foreign);
  sim::Rng restored = rng.split("restored");
  if (!film.paths.implant.empty() && restored.chance(options.restored_chance)) {
    grey = with_implants_filled_in(grey, film.paths.implant, restored);
  }
  sim::Rng geometry = rng.split("geometry");
  const double squeeze = draw_squeeze(options, geometry);
  const cv::Size wide(cvRound(grey.cols * std::exp(0.5 * squeeze)),
                      cvRound(grey.rows * std::exp(-0.5 * squeeze)));
  const cv::Point2d factor(static_cast<double>(wide.width) / grey.cols,
                           static_cast<double>(wide.height) / grey.rows);
  cv::resize(grey, grey, wide, 0, 0, cv::INTER_AREA);
  if (!visible.empty()) cv::resize(visible, visible, wide, 0, 0, cv::INTER_NEAREST);
  return cut_windows(grey, visible, film.paths.landmarks, factor, true, net, geometry);
}

std::vector<EndplateExample> endplates_on(const cv::Mat& film, const Landmarks& truth, int net,
                                          sim::Rng rng) {
  return cut_windows(film, {}, truth, {1, 1}, false, net, rng);
}

}  // namespace spine::train
