#pragma once
#include "spine/sim/patient.h"
#include "spine/sim/rng.h"
#include "spine/sim/scene.h"

// Posterior elements of the vertebrae T10 ... L5, in the local frame of vertebra_mesh.h.
namespace spine::sim {

/// The adjacent vertebra below, in the local frame of the vertebra: its joint surfaces determine
/// the ends of the inferior articular processes.
struct NeighbourBelow {
  cv::Vec3d sup_post;      ///< posterior end of its superior endplate
  cv::Vec3d anterior, up;  ///< its unit axes
};
/// Size of the posterior elements, derived from level and body.
struct ArchForm {
  int level = 0;                   ///< as Patient::levels: 0..4 = L1..L5, 5..7 = T12..T10
  double post_x = -17;             ///< of the posterior wall at mid height, local
  double sup_z = 14, inf_z = -14;  ///< of the posterior corners
  double size = 1;                 ///< relative to the adult mean
  double cortex_mm = 1.0;
  double arthrosis = 0;  ///< of the joints, 0 none ... 1 stout and dense
  NeighbourBelow below;
};
/// Adds pedicles, articular processes, laminae, transverse and spinous processes to `bone` (local
/// frame, mm), and sets the pedicles of `frame`.
void add_arch(Bone& bone, VertebraFrame& frame, const ArchForm& form, Rng rng);

}  // namespace spine::sim
