#pragma once
#include <opencv2/core.hpp>

#include "spine/sim/mesh.h"
#include "spine/sim/patient.h"

// The upper end of a varied sacrum; both anatomy sources use it.
namespace spine::sim {

/// Moves the vertices of a sacrum built with a flat endplate: dome, promontory and alae of
/// `patient.junction`, if it has one. World frame, mm.
void shape_junction(const Patient& patient, const SpinePose& pose, Mesh& sacrum);

/// The anterior corner of the S1 endplate: with a rounded promontory, where the endplate begins to
/// fall off by more than 1.2 mm, in the plane of the endplate. World frame, mm.
cv::Vec3d s1_anterior_corner(const Patient& patient, const SpinePose& pose);

}  // namespace spine::sim
