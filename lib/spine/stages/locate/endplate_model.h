#pragma once
#include <optional>

#include "spine/stages/locate/local_outline.h"

// How a vertebral endplate looks when the beam does not run along it.
namespace spine {

/// An endplate as seen from above: two quarters of superellipses that meet at the widest place (t
/// from -1, the posterior end, to 1, the anterior end), with these exponents.
struct PlateShape {
  double widest, bluntness_post, bluntness_ant;
};

// Adjusted to the silhouettes of simulated bodies and sacra (development seeds 1–60).
inline constexpr PlateShape kBodyPlate{-0.15, 3.3, 2.2}, kSacralPlate{-0.15, 2.5, 1.9};

/// Half the width at t, 1 at the widest place, 0 beyond the ends.
double half_width(const PlateShape& shape, double t);

/// A film's beam diverges and a patient stands askew, so that of most endplates one side's rim
/// shows beyond the mid-sagittal plane. The outline is then an arc,
///     v = base(u) + bulge * half_width(t(u)),
/// and only the base, between the points where the arc leaves the walls, is mid-sagittal.
struct TiltedPlate {
  Slope base;
  double bulge = 0;
  double misfit = 0;  ///< root mean square distance of the profile from the model
};

/// Fits a profile whose v runs outwards, between walls at u = post and u = ant, by iteratively
/// re-weighted least squares (Tukey). A profile that is hollow, not arched, gets bulge 0.
/// @param scale  as for fit_line_robust
/// @returns nullopt for fewer than 12 points or ends in the wrong order
std::optional<TiltedPlate> fit_tilted_plate(const Points& profile, const PlateShape& shape,
                                            double post, double ant, double scale);

}  // namespace spine
