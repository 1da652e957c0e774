#pragma once
#include <opencv2/core.hpp>

#include "spine/sim/rng.h"
#include "spine/sim/scene.h"

namespace spine::sim {

/// Which marks are added.
struct MarkOptions {
  bool collimation = true;
  bool markers = true;
  /// As ExposureOptions::variation.
  double variation = 1.0;
};

/// Adds marks to a film: collimation, side markers, burned-in text, grid lines and compression
/// artefacts. All text is fictitious.
/// @param image  CV_32FC1, 0..1, modified in place
/// @returns CV_8UC1, 255 inside the collimation
cv::Mat add_film_marks(cv::Mat& image, const PathLengthProjections& paths,
                       const MarkOptions& options, Rng& rng);

/// Applies the losses of JPEG compression: 8 x 8 blocks of cosine coefficients, quantised by the
/// standard luminance table at `quality` (1..100), on 255 grey levels.
void compress_like_jpeg(cv::Mat& image, int quality);

}  // namespace spine::sim
