#pragma once
#include "spine/sim/patient.h"
#include "spine/sim/rng.h"
#include "spine/sim/scene.h"

namespace spine::sim {

/// Draws an operation (fused levels, pedicle screws with tulips, rods, interbody cages, hip
/// prostheses) and builds its closed meshes in the frames of the anatomy.
Implants sample_implants(const Anatomy& anatomy, Rng rng);

/// Whether the patient of a seed has implants, for a fraction `share` (0 to 1) of patients.
bool is_implanted(std::uint64_t seed, double share);

}  // namespace spine::sim
