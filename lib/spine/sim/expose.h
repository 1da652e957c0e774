#pragma once
#include <opencv2/core.hpp>

#include "spine/sim/rng.h"
#include "spine/sim/scene.h"

namespace spine::sim {

struct ExposureOptions {
  double variation =
      1.0;  ///< 0: a plain, well-exposed film; 1: the full range of real exposures; >1 wilder
  bool collimation = true;
  bool markers = true;  ///< side markers and burned-in text
};

/// Path lengths to a film: polychromatic Beer–Lambert, scatter, blur, quantum noise, detector
/// response, window, gamma, collimation, markers. Bone is bright.
/// @returns CV_16UC1 of the maps' size. Draws everything random from `rng`. About 5 ms at 256x256.
/// @param visible  if not null, set to a CV_8UC1 mask (0/255) of what collimation left open;
///                 truth masks end there.
cv::Mat expose(const PathLengthProjections& paths, const ExposureOptions& options, Rng& rng,
               cv::Mat* visible = nullptr);

}  // namespace spine::sim
