#pragma once
#include <opencv2/core.hpp>

#include "spine/sim/rng.h"
#include "spine/sim/scene.h"

namespace spine::sim {

struct MarkOptions {
  bool collimation = true;
  bool markers = true;
  double variation = 1.0;
};

/// What is on a film besides the patient: collimation, side markers, burned-in text, grid lines and
/// compression. Everything written is fictitious.
/// @param image  CV_32FC1, 0..1, changed in place
/// @returns CV_8UC1, 255 where collimation left the film open
cv::Mat add_film_marks(cv::Mat& image, const PathLengthProjections& paths,
                       const MarkOptions& options, Rng& rng);

/// Losses of JPEG compression: blocks of 8 x 8 cosine coefficients, rounded to the standard's
/// luminance table at `quality` (1..100), on 255 grey levels.
void compress_like_jpeg(cv::Mat& image, int quality);

}  // namespace spine::sim
