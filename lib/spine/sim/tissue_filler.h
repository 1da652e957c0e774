#pragma once
#include <optional>

#include "spine/sim/mesh.h"
#include "spine/sim/rng.h"
#include "spine/sim/scene.h"
#include "spine/sim/soft_tissue.h"
#include "spine/sim/trunk.h"

// What fills the trunk: gas, fat, lungs, calcium. World frame, mm.
namespace spine::sim {

/// An ellipsoid with irregular surface.
/// @param lumpiness  amplitude of the irregularity relative to the radii
/// @param rings      from pole to pole
/// @param turn_rad   rotation about y; random if absent
Mesh make_blob(const cv::Vec3d& center, const cv::Vec3d& radii_mm, double lumpiness, int rings,
               Rng& rng, std::optional<double> turn_rad = {});

/// Adds parts to the soft tissue; parts of one material are merged into one mesh.
class Filler {
 public:
  /// @param trunk, soft  must outlive the filler
  Filler(const Trunk& trunk, SoftTissue& soft, Rng rng) : trunk_(trunk), soft_(soft), rng_(rng) {}

  Rng& rng() { return rng_; }
  [[nodiscard]] const Trunk& trunk() const { return trunk_; }

  void add(Material material, const Mesh& mesh);
  /// Adds a blob (see make_blob()), moved inside the trunk where it sticks out.
  void add_blob(Material material, cv::Vec3d center, const cv::Vec3d& radii_mm, double lumpiness,
                int rings);

 private:
  const Trunk& trunk_;
  SoftTissue& soft_;
  Rng rng_;
};

}  // namespace spine::sim
