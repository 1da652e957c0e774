#pragma once
#include "spine/sim/mesh.h"
#include "spine/sim/patient.h"
#include "spine/sim/rng.h"
#include "spine/sim/scene.h"

// Vertebral bodies T10 ... L5. Local frame of a level: origin at the body's centre, x anterior, y
// left, z up (LevelPose::axes).
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

}  // namespace spine::sim
