#pragma once
#include <vector>

#include "spine/sim/mesh.h"
#include "spine/sim/patient.h"
#include "spine/sim/rng.h"
#include "spine/sim/scene.h"

namespace spine::sim {

/// Closed meshes of everything that is not bone: body envelope, fat layer, gas, lungs, contrast.
struct SoftTissue {
  struct Part {
    Mesh mesh;
    Material material = Material::soft;
  };
  Mesh envelope;            ///< the skin; soft tissue fills what other meshes inside it do not
  std::vector<Part> parts;  ///< displace soft tissue
};
/// Draws the soft tissue of a patient around its bones; world frame, mm.
SoftTissue sample_soft_tissue(const Patient& patient, const Anatomy& anatomy, Rng rng);

}  // namespace spine::sim
