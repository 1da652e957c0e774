#pragma once
#include <string>
#include <vector>

#include "spine/core/image.h"
#include "spine/core/landmarks.h"
#include "spine/core/measurements.h"
#include "spine/sim/rng.h"

namespace spine::sim {

/// Standard deviations of the landmarks of a rater, drawn independently in every session. The
/// defaults give standard errors of measurement within those reported for human raters: PT 0.8–3.1,
/// SS 2.2–2.9, PI 2.4–4.7 degrees (PMC6104729).
struct RaterNoise {
  double s1_turn_deg = 2.4;        ///< of the S1 endplate
  double endplate_turn_deg = 1.8;  ///< of all other endplates
  double shift_mm = 0.7;           ///< of the midpoint of an endplate, along each axis
  double head_mm = 2.2;            ///< of the centre of a femoral head, along each axis
  /// Systematic fraction of each deviation, constant for a rater over all films and sessions.
  double habit = 0.35;
};

/// Landmarks of a film as marked by rater `rater` in session `session` (both 0-based).
/// @param truth    true landmarks, film pixels
/// @param spacing  pixel size, mm
/// @param study    identifies the film: the same study, rater and session give the same landmarks
Landmarks read_landmarks_as(const Landmarks& truth, const Spacing& spacing,
                            const std::string& study, int rater, int session,
                            const RaterNoise& noise = {});

/// CSV rows "case,rater,session,parameter,value" of the measurements of raters A, B, ... of a film:
/// PT, SS, PI, LL, PI_LL, L4_S1, segmental_L4_L5 and disc_height_L4_L5_mean, if they can be
/// computed.
std::string readings_of(const Landmarks& truth, const Spacing& spacing, const std::string& study,
                        int raters, int sessions, const RaterNoise& noise = {});

}  // namespace spine::sim
