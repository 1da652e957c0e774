#pragma once
#include "spine/sim/scene.h"
#include "spine/sim/tissue_filler.h"

namespace spine::sim {

/// Adds the lower part of both lungs.
void add_lungs(Filler& filler, const Anatomy& anatomy);

}  // namespace spine::sim
