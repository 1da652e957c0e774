#pragma once
#include <opencv2/core.hpp>

#include "spine/core/structure.h"
#include "spine/sim/patient.h"
#include "spine/sim/rng.h"
#include "spine/sim/scene.h"
#include "spine/sim/soft_tissue.h"

namespace spine::sim {

/// Point source and flat detector, perpendicular to the central ray; world frame of scene.h.
struct ViewGeometry {
  cv::Vec3d source;           ///< focal spot
  cv::Vec3d detector_origin;  ///< world position of the film's top-left corner (not pixel centre)
  cv::Vec3d right, down;      ///< unit vectors along the x and y axes of the film
  double width_mm = 350, height_mm = 430;
  double tilt_deg = 0;         ///< rotation of the film about the central ray
  Side anterior = Side::left;  ///< in the film
};

/// Draws a realistic view of the lumbar spine: facing side, distance 1.0–1.8 m, central ray near
/// L4, framing (including lumbar only to hips included), a few degrees of rotation and tilt.
ViewGeometry sample_view(const Anatomy& anatomy, Rng rng);

/// Computes path lengths, truth masks and projected landmarks at `height_px` rows. Each closed mesh
/// contributes, along every ray, exit minus entry distance (signed-depth rasterisation; exact for
/// the mesh).
/// @param implants  may be null
/// @throws Error(internal) unless the film lies in front of the source
PathLengthProjections project(const Anatomy& anatomy, const SoftTissue& soft,
                              const Implants* implants, const ViewGeometry& view, int height_px);

}  // namespace spine::sim
