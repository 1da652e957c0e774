#pragma once
#include <opencv2/core.hpp>

#include "spine/sim/expose.h"
#include "spine/sim/rng.h"
#include "spine/sim/scene.h"
#include "spine/train/augment.h"

namespace spine::train {

/// Exposures vary as real ones do, one in ten beyond that, times
/// AugmentOptions::exposure_variation.
sim::ExposureOptions draw_exposure(const AugmentOptions& options, sim::Rng& rng);

/// A whole film at the maps' resolution, CV_32FC1 in [0,1].
/// @param visible  set to a CV_8UC1 mask of what collimation left open
cv::Mat expose_whole(const sim::PathLengthProjections& paths, const AugmentOptions& options,
                     sim::Rng& rng, cv::Mat& visible);

/// Logarithm of width to height of a film's pixels. Archives store some films with unequal pixels
/// that no tag tells of, mostly too wide.
double draw_squeeze(const AugmentOptions& options, sim::Rng& rng);

}  // namespace spine::train
