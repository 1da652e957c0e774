#pragma once
#include <array>
#include <optional>
#include <vector>

#include "spine/core/structure.h"

namespace spine {

/// How far an endplate may be off: standard deviations.
struct EndplateUncertainty {
  double turn_deg = 0;  ///< of its direction
  double along = 0;     ///< of its middle, along the endplate, in lengths of the endplate
  double across = 0;    ///< of its middle, across the endplate, in lengths of the endplate
};

/// How far each of a film's Landmarks may be off. nullopt: not known.
struct LandmarkUncertainty {
  struct Body {
    EndplateUncertainty sup, inf;
  };
  std::array<std::optional<Body>, kLumbarCount> vertebrae;  ///< L1 ... L5
  std::optional<EndplateUncertainty> s1;
  /// Of a head's centre along either axis, in its radii; in the order of the heads.
  std::vector<std::optional<double>> femoral_heads;
};

}  // namespace spine
