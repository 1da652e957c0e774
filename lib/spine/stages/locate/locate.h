#pragma once
#include <optional>
#include <string>
#include <vector>

#include "spine/core/image.h"
#include "spine/core/landmarks.h"
#include "spine/core/mask_stack.h"

namespace spine {

enum class LandmarkMethod {
  baseline,  ///< the prototype's Algorithms 1–3 (stages/README.md, "Locate")
  fit,       ///< robust line and circle fits on the contours; the default
};

struct LocateOptions {
  LandmarkMethod method = LandmarkMethod::fit;
  std::optional<Side> anterior;    ///< nullopt: found from the anatomy
  std::optional<Spacing> spacing;  ///< of the masks, for anisotropic pixels
  /// The part of the film that shows anything (exposed_field), pixels; nullopt: all of it. Heads
  /// whose centres lie beyond were not seen, whatever is drawn there.
  std::optional<cv::Rect> exposed = std::nullopt;
  /// Whether `fit` turns endplates by default_endplate_corrections (contour_profile.h).
  bool correct_endplates = true;
};

struct Located {
  Landmarks landmarks;
  /// Flags: "anterior_uncertain" (few or contradicting hints; left is assumed when there is none),
  /// "anterior_conflict" (the anatomy tells another side than LocateOptions::anterior),
  /// "implausible_<structure>" (a mask that is there but whose size or shape cannot be read),
  /// "cropped_F1" (a head's mask that cannot be read and ends at the film's edge: too little of the
  /// head is there).
  std::vector<std::string> qc;
};

/// Landmarks from masks at film resolution. Of each mask the largest connected part counts. A
/// structure whose mask is empty or implausible is left nullopt. Never throws for empty masks.
///
/// `report` is the prototype's, generalised only by mirroring films that face right (the paper's
/// patients face left); see locate_methods.h for its two open points. `fit` works in millimetres on
/// sub-pixel outlines: endplates by supporting and robust lines, corners at their 45-degree points,
/// S1 as the side of the sacrum that faces L5, femoral heads by robust circles.
Located locate(const MaskStack& masks, const LocateOptions& options = {});

}  // namespace spine
