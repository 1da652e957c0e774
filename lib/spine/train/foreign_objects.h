#pragma once
#include <opencv2/core.hpp>

#include "spine/sim/rng.h"

namespace spine::train {

/// What is bright on films and no implant: contrast medium in bowel, a necklace, snaps, a zip, an
/// electrode with its lead. So that a network learns to tell metal by its shape.
/// @param film  CV_32FC1 in [0,1]
/// @returns the film with one to three of them; in [0,1]
cv::Mat with_foreign_objects(const cv::Mat& film, sim::Rng rng);

}  // namespace spine::train
