#pragma once
#include <string>
#include <vector>

#include "spine/core/geometry.h"
#include "spine/core/landmark_uncertainty.h"
#include "spine/core/landmarks.h"

namespace spine {

/// Flags of landmarks that cannot all be right, by the anatomy they make up:
///   "order"            a body, or S1, does not stand below the one above it, or reaches into it
///   "level_gap"        neighbours by name are so far apart (0.8 of a body's height between their
///                      endplates) that a level may have been passed over, as with a sixth lumbar
///                      body
///   "implausible_L3"   a body over 1.5 times as tall as the others: two in one
///   "column_leans"     L1 stands so far in front of S1 or behind it (45, 30 degrees) that the
///                      film may have been turned: PT and SS need its true vertical
///   "upside_down"      L1 to L3 is lordotic by 18 degrees more than L4 to S1, where two thirds of
///                      the lordosis are: the film may stand on its head, its sacrum taken for L1
///   "cropped_L1"       a body, S1 or head lies at the film's edge (a corner within 0.5 % of the
///                      film's height, a head by over half its radius)
///   "uncertain_F1"     a head at the edge of whose circle less than 200 degrees are on the film
/// @param frame  of the film, see AnatomicalFrame
std::vector<std::string> landmark_flags(const Landmarks& landmarks, const AnatomicalFrame& frame);

/// Adds "uncertain_F1" for each head that is flagged as cropped and whose centre may be off by more
/// than 0.15 radii, standard deviation.
void flag_uncertain_heads(const LandmarkUncertainty& uncertainty, std::vector<std::string>& flags);

}  // namespace spine
