#pragma once
#include <string>

#include "batch/tiny_weights.h"
#include <opencv2/imgproc.hpp>

#include "spine/batch/restore_job.h"

namespace spine::test {

/// Tiny networks with random weights: results are meaningless.
inline Restorer tiny_restorer(const std::string& implant_model = "implant",
                              const std::string& implant_roi_model = "") {
  const auto file = [](const std::string& name) {
    return name.empty() ? "none" : tiny_weights(name);
  };
  return batch::load_restorer(file("vqgan"), file(implant_model), file(implant_roi_model), {"cpu"});
}

/// A grey film with a bright bar in its middle.
inline Image barred_film(int type = CV_16UC1) {
  const double top = type == CV_8UC1 ? 255 : 65535;
  cv::Mat pixels(200, 150, type);
  cv::RNG random(3);
  random.fill(pixels, cv::RNG::UNIFORM, 0.2 * top, 0.3 * top);
  cv::rectangle(pixels, {60, 80, 40, 12}, cv::Scalar(top), cv::FILLED);
  FilmInfo info;
  info.spacing = Spacing{0.5, 0.5};
  info.spacing_source = SpacingSource::detector_plane;
  return Image(pixels, info);
}

}  // namespace spine::test
