#pragma once
#include <opencv2/core.hpp>

#include "spine/sim/rng.h"
#include "spine/sim/scene.h"

namespace spine::sim {

/// Variation of exposures.
struct ExposureOptions {
  /// 0: a standard, well-exposed film; 1: the full range of real exposures; > 1: beyond it.
  double variation = 1.0;
  bool collimation = true;
  bool markers = true;  ///< side markers and burned-in text
};

/// Computes a film from path lengths: polychromatic Beer–Lambert, scatter, blur, quantum noise,
/// detector response, window, gamma, collimation, markers. Bone is bright. All randomness comes
/// from `rng`. About 5 ms at 256x256.
/// @param visible  if not null, set to a CV_8UC1 mask (0/255) of the area inside the collimation,
///                 to which truth masks are restricted
/// @returns CV_16UC1 of the size of the maps
cv::Mat expose(const PathLengthProjections& paths, const ExposureOptions& options, Rng& rng,
               cv::Mat* visible = nullptr);

}  // namespace spine::sim
