#pragma once
#include <optional>

#include "spine/core/landmarks.h"

// Where a level that was not found should lie, from those that were found. Frame: film pixels.
namespace spine {

/// Usual position of S1 below the inferior endplate of L5.
Endplate expected_s1(const Endplate& l5_inferior, Side anterior);

/// Usual position of a lumbar body that was not found: between its nearest neighbours above and
/// below, else one step beyond the nearest two on one side, at their distance, turned as they are.
/// @param level  0 for L1 ... 4 for L5
/// @returns nullopt with fewer than two neighbours
std::optional<VertebraCorners> expected_body(const Landmarks& landmarks, std::size_t level);

/// Median height of the bodies, between the middles of their endplates, film pixels; 0 for none.
double median_body_height(const Landmarks& landmarks);

/// Distance from one endplate down to the next, between their middles, along the axis of the body
/// that the upper one bounds below. Negative if they overlap.
double distance_below(const VertebraCorners& upper, const Endplate& lower);

}  // namespace spine
