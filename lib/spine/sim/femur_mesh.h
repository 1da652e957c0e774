#pragma once
#include "spine/sim/patient.h"
#include "spine/sim/rng.h"
#include "spine/sim/scene.h"

// Parametric femur, in the world frame.
namespace spine::sim {

/// Builds head, neck, trochanter and shaft of one femur (side 0 = left).
Bone build_femur(const Patient& patient, const HeadTruth& head, int side, Rng rng);

}  // namespace spine::sim
