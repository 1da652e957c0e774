#pragma once
#include "spine/stages/locate/endplate_model.h"
#include "spine/stages/locate/local_outline.h"

// Endplates that bulge on the film, as seen by a beam that meets them at an angle.
namespace spine {

/// Inset of the corners from the intersection of base and wall: across the endplate, and along it
/// from the posterior and from the anterior wall. `reach` limits how far the model moves a corner
/// that was found without it. Fractions of the depth; calibrated on simulated bodies.
struct PlateRule {
  double across, post, ant, reach;
};
inline constexpr PlateRule kSuperiorRule{0.006, 0.004, 0.004, 0.1},
    kInferiorRule{0.015, 0.01, 0.01, 0.04}, kSacralRule{0.006, -0.008, -0.015, 0.1};

/// Moves the ends of an endplate that faces up (`sign` 1) or down (-1) onto the base of the bulging
/// endplate model (endplate_model.h) fitted to the outline between them, weighted by the model's
/// support.
/// @param local  outline in the axes of the structure
void fit_convex_endplate(const Points& local, double sign, const PlateShape& shape,
                         const PlateRule& rule, cv::Point2d& post, cv::Point2d& ant);

}  // namespace spine
