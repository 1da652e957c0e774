#pragma once
#include <optional>

#include "spine/core/landmarks.h"

// Where a level that was not found should lie, from those that were found. Frame: film pixels.
namespace spine {

/// Distance of consecutive levels along the axis of the upper body beyond which another may lie
/// between, in median heights of a body.
inline constexpr double kMaxLevelGap = 0.8;

/// Usual position of S1 below the inferior endplate of L5.
Endplate expected_s1(const Endplate& l5_inferior, Side anterior);

/// Usual position of a lumbar body that was not found: between its nearest neighbours above and
/// below, else one step beyond the nearest two on one side, at their distance, turned as they are.
/// @param level  0 for L1 ... 4 for L5
/// @returns nullopt with fewer than two neighbours
std::optional<VertebraCorners> expected_body(const Landmarks& landmarks, std::size_t level);

/// Whether a body that was sought lies near where it should, with a similar height and similar
/// depths.
bool is_near(const VertebraCorners& body, const VertebraCorners& expected);

/// Whether another body could lie between a body and the endplate below it: their distance along
/// the body's axis is over kMaxLevelGap, or their distance in any direction over 1.2 of the median
/// height of the bodies. Slipped levels of all grades of 27 real films are within 0.5 and 0.92.
bool is_distant(const Landmarks& landmarks, const VertebraCorners& upper, const Endplate& lower);

/// Whether an endplate of a body converged to another one's: the length of one is not within 0.65
/// to 1.5 of the median of the others, the body has less than 0.55 of their height, or its
/// endplates are in the wrong order. A body that is too high alone may span a level that was not
/// found. False with fewer than two other bodies.
bool is_misplaced(const Landmarks& landmarks, std::size_t level);

/// Whether the endplate of S1 converged to another one's: it coincides with an endplate of L5, lies
/// above the inferior one, or has less than 0.5 or more than 1.5 of the bodies' median length.
bool is_s1_misplaced(const Landmarks& landmarks, const VertebraCorners& l5, const Endplate& s1);

}  // namespace spine
