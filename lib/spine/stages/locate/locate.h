#pragma once
#include <optional>
#include <string>
#include <vector>

#include "spine/core/image.h"
#include "spine/core/landmarks.h"
#include "spine/core/mask_stack.h"

namespace spine {

/// How landmarks are computed from masks.
enum class LandmarkMethod {
  baseline,  ///< the prototype's Algorithms 1–3 (stages/README.md, "Locate")
  fit,       ///< robust line and circle fits on the contours; the default
};

/// Options of locate().
struct LocateOptions {
  LandmarkMethod method = LandmarkMethod::fit;
  std::optional<Side> anterior;    ///< side that the patient faces; nullopt: from the anatomy
  std::optional<Spacing> spacing;  ///< of the masks, for anisotropic pixels
  /// Exposed part of the film (exposed_field), pixels; nullopt: all of it. Heads whose centres lie
  /// outside are excluded, whatever their masks show.
  std::optional<cv::Rect> exposed = std::nullopt;
  /// Whether `fit` rotates endplates by default_endplate_corrections (contour_profile.h).
  bool correct_endplates = true;
};

/// Result of locate().
struct Located {
  /// In film pixels.
  Landmarks landmarks;
  /// Flags: "anterior_uncertain" (few or contradicting cues; left is assumed without any),
  /// "anterior_conflict" (the anatomy indicates another side than LocateOptions::anterior),
  /// "implausible_<structure>" (a mask of implausible size or shape), "cropped_F1" (a head's mask
  /// that cannot be fitted and ends at the film's edge: too little of the head is visible).
  std::vector<std::string> qc;
};

/// Landmarks from masks at film resolution. Only the largest connected component of each mask is
/// used. A structure whose mask is empty or implausible is nullopt; empty masks never throw.
///
/// `baseline` follows the prototype, generalised only by mirroring radiographs that face right (the
/// paper's patients face left); see locate_methods.h for two points that the text leaves open.
/// `fit` works in millimetres on sub-pixel outlines: endplates by supporting and robust lines,
/// corners at their 45-degree points, S1 as the side of the sacrum that faces L5, femoral heads by
/// robust circles.
Located locate(const MaskStack& masks, const LocateOptions& options = {});

}  // namespace spine
