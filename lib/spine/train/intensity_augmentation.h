#pragma once
#include <opencv2/core.hpp>

#include "spine/sim/rng.h"

namespace spine::train {

/// Strength and kinds of intensity augmentation.
struct IntensityOptions {
  double strength = 1;  ///< scales the ranges of smooth changes; 0: no change at all
  double inversion_chance = 0;
  bool marks = true;  ///< burned-in boxes, text and specks
};

/// Augments the grey values of a film (CV_32FC1, about [0,1], any size) in place: gamma, window,
/// smooth multiplicative fields, soft blobs (bowel gas), curved lines (ribs, crests), blur, noise,
/// marks, JPEG artefacts, inversion; and, at any strength, the looks of sharpened or locally
/// equalised films, thumbnails and photographed screens. This makes networks trained on simulated
/// films generalize to real ones.
void augment_intensities(cv::Mat& film, const IntensityOptions& options, sim::Rng rng);

}  // namespace spine::train
