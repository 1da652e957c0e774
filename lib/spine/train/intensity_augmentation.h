#pragma once
#include <opencv2/core.hpp>

#include "spine/sim/rng.h"

namespace spine::train {

struct GreyOptions {
  double strength = 1;  ///< scales all ranges; 0 leaves the film as it is
  double inversion_chance = 0;
  bool marks = true;  ///< boxes, text and specks burned in
};

/// Random changes of a film's grey values (CV_32FC1, about [0,1], any size), in place: gamma,
/// window, smooth multiplicative fields, soft blobs (bowel gas), curved lines (ribs, crests), blur,
/// noise, marks, JPEG blocks, inversion. They make what was learned on simulated films hold on real
/// ones.
void change_greys(cv::Mat& film, const GreyOptions& options, sim::Rng rng);

}  // namespace spine::train
