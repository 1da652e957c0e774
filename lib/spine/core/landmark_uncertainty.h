#pragma once
#include <array>
#include <optional>
#include <vector>

#include "spine/core/structure.h"

namespace spine {

/// Uncertainty of an endplate: standard deviations.
struct EndplateUncertainty {
  double turn_deg = 0;  ///< of its direction
  double along = 0;     ///< of its midpoint along the endplate, in endplate lengths
  double across = 0;    ///< of its midpoint across the endplate, in endplate lengths
};

/// Uncertainty of a film's Landmarks: standard deviations. nullopt: unknown.
struct LandmarkUncertainty {
  /// Both endplates of a body.
  struct Body {
    EndplateUncertainty sup, inf;
  };
  std::array<std::optional<Body>, kLumbarCount> vertebrae;  ///< L1 ... L5
  std::optional<EndplateUncertainty> s1;
  /// Of a head's centre along either axis, in radii; in the order of Landmarks::femoral_heads.
  std::vector<std::optional<double>> femoral_heads;
};

}  // namespace spine
