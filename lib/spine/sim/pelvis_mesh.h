#pragma once
#include "spine/sim/mesh.h"
#include "spine/sim/patient.h"
#include "spine/sim/rng.h"
#include "spine/sim/scene.h"

// Sacrum with coccyx, hip bones and femurs, in the world frame.
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

/// Builds both hip bones, left and right: sheets over the sagittal plane with a socket for each
/// head.
std::array<Bone, 2> build_hip_bones(const Patient& patient, const SpinePose& pose, Rng rng);

/// Builds head, neck, trochanter and shaft of one femur (side 0 = left).
Bone build_femur(const Patient& patient, const HeadTruth& head, int side, Rng rng);

}  // namespace spine::sim
