#pragma once
#include "spine/sim/mesh.h"
#include "spine/sim/patient.h"
#include "spine/sim/rng.h"
#include "spine/sim/scene.h"

// Parametric sacrum and coccyx, in the world frame.
namespace spine::sim {

/// Sacrum with coccyx.
struct SacrumModel {
  Bone sacrum;          ///< bodies, canal, crest and coccyx
  Bone alae;            ///< both alae and lateral masses: less dense than the bodies
  Mesh bodies;          ///< S1–S5 bodies only
  VertebraFrame frame;  ///< of S1
  /// Sacrum frame (origin at the midpoint of the endplate, x P->A, y left, z cranial) to world.
  Transform placement;
};
/// Builds sacrum and coccyx at the S1 endplate of the pose.
SacrumModel build_sacrum(const Patient& patient, const SpinePose& pose, Rng rng);

}  // namespace spine::sim
