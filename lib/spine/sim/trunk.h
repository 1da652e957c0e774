#pragma once
#include <vector>

#include "spine/sim/mesh.h"
#include "spine/sim/patient.h"
#include "spine/sim/rng.h"
#include "spine/sim/scene.h"

// The patient's trunk: skin and subcutaneous fat as level sections. World frame, mm.
namespace spine::sim {

/// A quantity along z, mm: linear between knots, then smoothed by a Gaussian.
class HeightProfile {
 public:
  struct Knot {
    double z, value;
  };
  /// @param knots         in any order
  /// @param smoothing_mm  standard deviation of the Gaussian
  HeightProfile(std::vector<Knot> knots, double smoothing_mm);
  [[nodiscard]] double operator()(double z) const;

 private:
  [[nodiscard]] double straight(double z) const;

  std::vector<Knot> knots_;
  double smoothing_mm_;
};

/// A roughly horizontal skin fold around back and flanks.
struct Fold {
  double z, slope, depth_mm, half_height_mm;
};

/// The trunk as level sections. Knots are placed at the patient's own heights.
struct Trunk {
  HeightProfile spine_x;                      ///< middle of the vertebral bodies
  HeightProfile front_x, back_x, half_width;  ///< of the skin
  HeightProfile fat_front, fat_back, fat_side;
  std::vector<Fold> folds;
  double bottom_z, top_z;
};

/// A random trunk around the bones of a patient.
Trunk sample_trunk(const Patient& patient, const Anatomy& anatomy, Rng& rng);

/// The skin (depth 0), or a surface under it: `skin_mm` deep plus `fat` times the fat layer.
/// Closed.
Mesh trunk_surface(const Trunk& trunk, double skin_mm, double fat);

}  // namespace spine::sim
