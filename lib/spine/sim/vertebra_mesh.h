#pragma once
#include "spine/sim/mesh.h"
#include "spine/sim/patient.h"
#include "spine/sim/rng.h"
#include "spine/sim/scene.h"

// Vertebrae T10 ... L5. Local frame of a level: origin at the body's centre, x anterior, y left,
// z up (LevelPose::axes).
namespace spine::sim {

/// A vertebral body defined by its mid-sagittal corners: kidney-shaped cross-section, waist,
/// concave endplates inside a raised rim, sharp superior and rounded inferior corners.
struct BodyForm {
  VertebraTruth corners;  ///< local frame, mm
  LevelShape shape;
  double cortex_wall_mm = 0.4, cortex_endplate_mm = 0.95;
};
/// Surfaces of a vertebral body.
struct BodyMeshes {
  Mesh outer;  ///< including osteophytes
  Mesh inner;  ///< endosteal surface; spurs are solid cortical
};
/// Builds a vertebral body. Without osteophytes the superior corners of the silhouette lie within
/// 0.3 mm of sup_*, and the 45-degree points of the rounded inferior corners at inf_*.
BodyMeshes build_body(const BodyForm& form, Rng rng);

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
/// Adds pedicles, articular pillars, laminae, spinous and transverse processes to `bone`, and sets
/// the pedicles of `frame`.
void add_arch(Bone& bone, VertebraFrame& frame, const ArchForm& form, Rng rng);

}  // namespace spine::sim
