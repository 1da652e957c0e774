#pragma once
#include <optional>
#include <string>
#include <vector>

#include "spine/core/image.h"
#include "spine/core/landmarks.h"
#include "spine/core/measurements.h"

namespace spine {

/// An endplate by name, for `--angle L2.sup:L4.inf`. Level 0..4 = L1..L5, 5 = S1 (sup only).
struct EndplateName {
  int level = 0;
  bool superior = true;
  [[nodiscard]] std::string to_string() const;
};
struct AnglePair {
  EndplateName upper, lower;
  /// Parses "L2.sup:L4.inf". @throws Error(usage) with the expected form.
  static AnglePair parse(const std::string& text);
};

struct MeasureOptions {
  std::optional<Spacing> spacing;  ///< of the film; without it lengths are in px and angles assume square pixels
  std::vector<AnglePair> angles;   ///< chosen pairs, appended as "angle_L2.sup_L4.inf"
};

/// All parameters of clinical.md that this version gives, by its formulas: PI PT SS LL PI_LL,
/// segmental_*, disc_angle_*, wedge_*, disc_height_*_{anterior,middle,posterior,mean}, L4_S1, LDI.
/// PI is computed independently of PT + SS; a difference over 0.1 degrees is flagged "pi_mismatch".
Measurements measure(const Landmarks& landmarks, const MeasureOptions& options = {});

}  // namespace spine
