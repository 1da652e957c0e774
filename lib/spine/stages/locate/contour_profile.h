#pragma once
#include <array>

#include "spine/core/landmarks.h"
#include "spine/stages/locate/local_outline.h"

// Shape of a vertebral body's contour relative to its corners, and the endplate angle correction
// derived from it.
namespace spine {

/// Outward distance of a contour from the sides of the quadrilateral of its corners, in fractions
/// of the body's depth, clamped to +-0.06. Samples run once around the body: superior endplate from
/// posterior to anterior and inferior endplate from anterior to posterior (kPlateSamples each),
/// anterior wall downwards and posterior wall upwards (kWallSamples each).
inline constexpr std::size_t kPlateSamples = 20, kWallSamples = 10;
using ContourProfile = std::array<double, 2 * kPlateSamples + 2 * kWallSamples>;

/// Samples the profile of a body; all zero for corners without depth.
/// @param outline, corners  in the anatomical frame
ContourProfile contour_profile(const Points& outline, const VertebraCorners& corners);

/// Obliquity of the projection, 0 (endplates seen edge-on) to 1 (imaged obliquely): a ramp over the
/// larger of the mean bulges of the middle parts of both endplates.
double obliquity(const ContourProfile& profile);

/// Rotations of both endplates in degrees, anti-clockwise in the anatomical frame.
struct EndplateCorrections {
  double sup_deg = 0, inf_deg = 0;
};

/// Expected rotation of a body's mid-sagittal endplates relative to those between its fitted
/// corners. Where a body is imaged obliquely, a rim outside the mid-sagittal plane bulges and
/// displaces a corner. A linear function of the profile, at most 2 degrees, scaled by obliquity();
/// fitted by ridge regression to the radiographs of `spine-simulate --seed 2000000 --count 1000
/// --anatomy-kind mixed` with `spine-train endplate-correction` (endplate_correction.inc).
EndplateCorrections default_endplate_corrections(const ContourProfile& profile);

/// Rotates an endplate about its midpoint by an angle in degrees, anti-clockwise in the anatomical
/// frame.
Endplate rotated(const Endplate& plate, double deg);

}  // namespace spine
