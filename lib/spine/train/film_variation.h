#pragma once
#include <opencv2/core.hpp>

#include "spine/sim/expose.h"
#include "spine/sim/rng.h"
#include "spine/sim/scene.h"
#include "spine/train/augment.h"

namespace spine::train {

/// Draws an exposure with realistic variation, larger in one of ten, scaled by
/// AugmentOptions::exposure_variation.
sim::ExposureOptions draw_exposure(const AugmentOptions& options, sim::Rng& rng);

/// Exposes a whole film at the resolution of the maps, CV_32FC1 in [0,1].
/// @param visible  set to a CV_8UC1 mask of the area inside the collimation
cv::Mat expose_whole(const sim::PathLengthProjections& paths, const AugmentOptions& options,
                     sim::Rng& rng, cv::Mat& visible);

/// Draws the logarithm of the width to height ratio of pixels. Archives contain films with
/// non-square pixels without a tag, mostly too wide.
double draw_squeeze(const AugmentOptions& options, sim::Rng& rng);

}  // namespace spine::train
