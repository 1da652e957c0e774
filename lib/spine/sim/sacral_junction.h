#pragma once
#include <opencv2/core.hpp>

#include "spine/sim/mesh.h"
#include "spine/sim/patient.h"

// The upper end of a varied sacrum; both anatomy sources use it.
namespace spine::sim {

/// Moves the vertices of a sacrum built with a flat endplate: dome, promontory and alae of
/// `patient.junction`, if it has one. World frame, mm.
void shape_junction(const Patient& patient, const SpinePose& pose, Mesh& sacrum);

/// The ends of the S1 endplate as a reader marks them, world frame, mm: with a rounded promontory
/// the endplate ends where it has fallen off by 1.2 mm, in its plane; a rounded posterior end is
/// marked on the bone.
struct S1Corners {
  cv::Vec3d post, ant;
};
S1Corners s1_corners(const Patient& patient, const SpinePose& pose);

}  // namespace spine::sim
