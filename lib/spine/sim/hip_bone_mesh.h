#pragma once
#include <array>

#include "spine/sim/patient.h"
#include "spine/sim/rng.h"
#include "spine/sim/scene.h"

// Parametric hip bones, in the world frame.
namespace spine::sim {

/// Builds both hip bones, left and right: sheets over the sagittal plane with a socket for each
/// head.
std::array<Bone, 2> build_hip_bones(const Patient& patient, const SpinePose& pose, Rng rng);

}  // namespace spine::sim
