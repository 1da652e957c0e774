#pragma once
#include <string>
#include <vector>

#include "spine/core/image.h"
#include "spine/core/landmarks.h"
#include "spine/core/measurements.h"
#include "spine/sim/rng.h"

namespace spine::sim {

/// How far a reader's landmarks lie from the true ones, as standard deviations, anew in every
/// session. The defaults give standard errors of measurement within those reported of people: PT
/// 0.8–3.1, SS 2.2–2.9, PI 2.4–4.7 degrees (PMC6104729).
struct RaterNoise {
  double s1_turn_deg = 2.4;        ///< of the S1 endplate
  double endplate_turn_deg = 1.8;  ///< of every other
  double shift_mm = 0.7;           ///< of an endplate's middle, along each axis
  double head_mm = 2.2;            ///< of a femoral head's centre, along each axis
  double habit =
      0.35;  ///< of each of these, the part that a reader keeps in all films and sessions
};

/// Reader `reader`'s (from 0) landmarks of a film in session `session` (from 0).
/// @param truth  with a spacing, so that millimetres mean something
/// @param study  tells films apart: the same study, reader and session give the same landmarks
Landmarks read_landmarks_as(const Landmarks& truth, const Spacing& spacing,
                            const std::string& study, int reader, int session,
                            const RaterNoise& noise = {});

/// Rows "case,rater,session,parameter,value" of what readers A, B, ... measured of a film: PT, SS,
/// PI, LL, PI_LL, L4_S1, segmental_L4_L5 and disc_height_L4_L5_mean, where they can be given.
std::string readings_of(const Landmarks& truth, const Spacing& spacing, const std::string& study,
                        int readers, int sessions, const RaterNoise& noise = {});

}  // namespace spine::sim
