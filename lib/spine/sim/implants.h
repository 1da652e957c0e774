#pragma once
#include "spine/sim/patient.h"
#include "spine/sim/rng.h"
#include "spine/sim/scene.h"

namespace spine::sim {

/// Draws an operation (levels fused, screws with tulips, rods, interbody cages, hip prostheses) and
/// builds its closed meshes in the anatomy's frames.
Implants sample_implants(const Anatomy& anatomy, Rng rng);

/// Whether the patient of a seed is among those that hold metal, when a share of 0 to 1 does.
bool is_implanted(std::uint64_t seed, double share);

}  // namespace spine::sim
