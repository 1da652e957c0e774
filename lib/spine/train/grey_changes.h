#pragma once
#include <opencv2/core.hpp>

#include "spine/sim/rng.h"

namespace spine::train {

/// Random changes of a film's grey values (CV_32FC1, about [0,1], any size), in place: gamma,
/// window, smooth multiplicative fields, soft blobs (bowel gas), curved lines (ribs, crests), blur,
/// noise, boxes, text and specks burned in, JPEG blocks, inversion. They make what was learned on
/// simulated films hold on real ones.
/// @param strength  scales all ranges; 0 leaves the film as it is
void change_greys(cv::Mat& film, double strength, double inversion_chance, sim::Rng rng);

}  // namespace spine::train
