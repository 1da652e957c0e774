#pragma once
#include <string>
#include <vector>

#include "spine/core/geometry.h"
#include "spine/core/landmark_uncertainty.h"
#include "spine/core/landmarks.h"

namespace spine {

/// Flags of landmarks that are inconsistent with the anatomy:
///   "order"            a body, or S1, does not lie below the one above it, or overlaps it
///   "level_gap"        consecutive level labels are so far apart (0.8 body heights between their
///                      endplates) that a level may have been skipped, as with a sixth lumbar body
///   "implausible_L3"   a body over 1.5 times as tall as the median: two bodies merged
///   "column_leans"     L1 lies so far anterior or posterior of S1 (45, 30 degrees) that the
///                      film may be rotated: PT and SS depend on its true vertical
///   "upside_down"      L1 to L3 is more lordotic than L4 to S1 by 18 degrees, although two
///                      thirds of the lordosis belong to the latter: the film may be upside
///                      down, its sacrum classified as L1
///   "cropped_L1"       a body, S1 or head lies at the film's edge (a corner within 0.5 % of the
///                      film's height, a head by over half its radius)
///   "uncertain_F1"     a cropped head of whose circle less than 200 degrees are on the film
/// @param frame  of the film, see AnatomicalFrame
std::vector<std::string> landmark_flags(const Landmarks& landmarks, const AnatomicalFrame& frame);

/// Adds "uncertain_F1" or "uncertain_F2" for each head that is flagged as cropped and whose centre
/// has a standard deviation above 0.15 radii.
void flag_uncertain_heads(const LandmarkUncertainty& uncertainty, std::vector<std::string>& flags);

}  // namespace spine
