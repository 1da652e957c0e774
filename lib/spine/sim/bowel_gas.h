#pragma once
#include "spine/sim/scene.h"
#include "spine/sim/tissue_filler.h"

namespace spine::sim {

/// Adds gas and stool of bowel, stomach and rectum.
void add_bowel(Filler& filler, const Anatomy& anatomy);

}  // namespace spine::sim
