#include "spine/train/film_variation.h"

namespace spine::train {

sim::ExposureOptions draw_exposure(const AugmentOptions& options, sim::Rng& rng) {
  sim::ExposureOptions exposure;
  exposure.variation = options.exposure_variation * (rng.chance(0.1) ? 1.3 : 1.0);
  exposure.markers = options.marks;
  return exposure;
}

cv::Mat expose_whole(const sim::PathLengthProjections& paths, const AugmentOptions& options,
                     sim::Rng& rng, cv::Mat& visible) {
  const sim::ExposureOptions exposure = draw_exposure(options, rng);
  cv::Mat grey;
  sim::expose(paths, exposure, rng, &visible).convertTo(grey, CV_32F, 1.0 / 65535.0);
  return grey;
}

double draw_squeeze(const AugmentOptions& options, sim::Rng& rng) {
  return options.squeeze && rng.chance(0.35) ? rng.uniform(-0.15, 0.32) : rng.normal(0, 0.02);
}

}  // namespace spine::train
