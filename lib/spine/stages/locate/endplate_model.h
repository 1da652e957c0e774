#pragma once
#include <optional>

#include "spine/stages/locate/local_outline.h"

// How a vertebral endplate is projected when the beam does not run along it.
namespace spine {

/// Axial shape of an endplate: two quarters of superellipses that meet at the widest position, with
/// one exponent each. Positions t run from -1, the posterior end, to 1, the anterior end.
struct PlateShape {
  double widest, bluntness_post, bluntness_ant;
};

// Fitted to the silhouettes of simulated bodies and sacra (development seeds 1–60).
inline constexpr PlateShape kBodyPlate{-0.15, 3.3, 2.2}, kSacralPlate{-0.15, 2.5, 1.9};

/// Half the width at t, relative to the widest position (1 there); 0 beyond the ends.
double half_width(const PlateShape& shape, double t);

/// Projection of an endplate that the beam does not meet edge-on. As the beam diverges and patients
/// are rotated or tilted, most endplates show the rim of one side outside the mid-sagittal plane.
/// The outline is then an arc,
///     v = base(u) + bulge * half_width(t(u)),
/// and only the base, between the points where the arc leaves the walls, is mid-sagittal.
struct TiltedPlate {
  Slope base;
  double bulge = 0;
  double misfit = 0;  ///< root mean square distance of the profile from the model
};

/// Fits a profile whose v runs outwards, between walls at u = post and u = ant, by iteratively
/// re-weighted least squares (Tukey). A concave profile gets bulge 0. Lengths are in the unit of
/// the profile.
/// @param scale  residual scale, as for fit_line_robust
/// @returns nullopt for fewer than 12 points, ends in the wrong order or a singular system
std::optional<TiltedPlate> fit_tilted_plate(const Points& profile, const PlateShape& shape,
                                            double post, double ant, double scale);

}  // namespace spine
