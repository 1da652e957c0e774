#pragma once
#include <array>

#include "spine/core/landmarks.h"
#include "spine/stages/locate/local_outline.h"

// What the outline of a body tells about its endplates beyond its corners.
namespace spine {

/// How far an outline stands out beyond the sides of the quadrilateral of its corners, in fractions
/// of the body's depth: the superior endplate forwards and the inferior one backwards at
/// kPlateSamples places each, the anterior wall downwards and the posterior one upwards at
/// kWallSamples places each. Clamped to +-0.06.
inline constexpr std::size_t kPlateSamples = 20, kWallSamples = 10;
using ContourProfile = std::array<double, 2 * kPlateSamples + 2 * kWallSamples>;

/// @param outline, corners  in the anatomical frame
ContourProfile contour_profile(const Points& outline, const VertebraCorners& corners);

/// Whether the outline bulges as that of a body seen askew does, 0 to 1: how far one of its
/// endplates stands out on the average of its middle part.
double obliquity(const ContourProfile& profile);

/// Turns of both endplates, anti-clockwise in the anatomical frame.
struct EndplateCorrections {
  double sup_deg = 0, inf_deg = 0;
};

/// How far a body's mid-sagittal endplates are turned against those between its fitted corners, as
/// a rule: where a body is seen askew, a rim beyond the mid-sagittal plane stands out and carries a
/// corner with it. A linear function of the profile, as far as the body is askew; fitted by ridge
/// regression on the films of `spine-simulate --seed 2000000 --count 1000 --anatomy-kind mixed`
/// with `spine-train endplate-correction` (endplate_correction.inc); at most 2 degrees.
EndplateCorrections default_endplate_corrections(const ContourProfile& profile);

/// The same endplate, turned about its middle.
Endplate turned(const Endplate& plate, double deg);

}  // namespace spine
