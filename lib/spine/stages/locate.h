#pragma once
#include <optional>
#include <string>
#include <vector>

#include "spine/core/image.h"
#include "spine/core/landmarks.h"
#include "spine/core/mask_stack.h"

namespace spine {

enum class LandmarkMethod {
  report,  ///< the prototype's Algorithms 1–3 (brief.md section 3)
  fit,     ///< robust line and circle fits on the contours; the default
};

struct LocateOptions {
  LandmarkMethod method = LandmarkMethod::fit;
  std::optional<Side> anterior;    ///< nullopt: found from the anatomy
  std::optional<Spacing> spacing;  ///< of the masks, for anisotropic pixels
};

struct Located {
  Landmarks landmarks;
  std::vector<std::string> qc;  ///< flags: "anterior_uncertain", "one_head", ...
};

/// Landmarks from masks at film resolution. A structure whose mask is empty or implausible is left
/// nullopt. Never throws for empty masks.
Located locate(const MaskStack& masks, const LocateOptions& options = {});

/// The side of the front by votes of the anatomy: sacrum behind and below L5, heads in front of the
/// sacrum, body walls. nullopt when nothing tells.
std::optional<Side> find_anterior(const MaskStack& masks);

}  // namespace spine
