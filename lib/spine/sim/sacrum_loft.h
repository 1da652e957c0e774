#pragma once
#include "spine/sim/mesh.h"
#include "spine/sim/patient.h"
#include "spine/sim/rng.h"

namespace spine::sim {

/// A sacrum lofted along the S1–S5 curve, in the world frame.
struct LoftedSacrum {
  Mesh outer;   ///< bodies, alae, dorsal wall and crest around an open canal; closed
  Mesh inner;   ///< endosteal surface
  Mesh bodies;  ///< S1–S5 bodies only, closed; the endplate ends at pose.s1_post and pose.s1_ant
  Mesh coccyx;  ///< three pieces, closed
  cv::Vec3d end;                  ///< middle of the inferior endplate of S5
  double inferior_angle_deg = 0;  ///< of the S5 inferior endplate against the S1 endplate
};

/// Lofts cross-sections along a curve that starts at the midpoint of the S1 endplate, perpendicular
/// to it, and turns forward by `patient.sacral_kyphosis` over `patient.sacrum_length`.
LoftedSacrum loft_sacrum(const Patient& patient, const SpinePose& pose, Rng rng);

}  // namespace spine::sim
