#pragma once
#include <opencv2/core.hpp>

#include "spine/sim/rng.h"

namespace spine::train {

/// Adds bright objects other than implants: contrast medium in bowel, a necklace, snaps, a zip, an
/// electrode with its lead, so that a network learns to detect implants by shape.
/// @param film  CV_32FC1 in [0,1]
/// @returns the film with one to three objects; in [0,1]
cv::Mat with_foreign_objects(const cv::Mat& film, sim::Rng rng);

}  // namespace spine::train
