#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "spine/core/geometry.h"
#include "spine/core/landmarks.h"
#include "spine/stages/segment/contour.h"

// Interface of the two landmark methods of locate.h; private to this module.
namespace spine {

/// Input of a landmark method.
struct LocateInput {
  const Regions& regions;
  cv::Size film;          ///< pixels
  Side anterior;          ///< side of the film that the patient faces
  AnatomicalFrame frame;  ///< of that side and of the spacing
  /// Cranial direction of the course of the spine at each body; unit vectors in the anatomical
  /// frame.
  std::array<cv::Point2d, kLumbarCount> up;
  bool correct_endplates = true;  ///< see LocateOptions::correct_endplates
};

/// Landmarks in film pixels; heads in the order of the masks F1, F2. nullopt where a mask is
/// missing or the method cannot fit its shape; locate() flags the latter.
struct LocateMethodResult {
  std::array<std::optional<VertebraCorners>, kLumbarCount> vertebrae;
  std::optional<Endplate> s1;
  std::array<std::optional<FemoralHead>, 2> heads;
};

/// The prototype's Algorithms 1–3 (stages/README.md, "Locate") to the letter, on film pixels.
///
/// They assume that the patient faces left. Radiographs that face right are mirrored first and the
/// result is mirrored back. Two points left open by the text are resolved as follows:
/// - Algorithm 1 yields four unlabelled corners. The two farther cranial along the course of the
///   spine are the superior ones; of each pair the more anterior is the anterior one.
/// - "Largest y" in Algorithm 2 is interpreted with y upwards (the highest point), its rotation
///   as in OpenCV: 20 degrees anti-clockwise as displayed. With y downwards the result would be
///   the tip of the sacrum.
LocateMethodResult locate_baseline(const LocateInput& input);

/// Robust lines, supporting lines and circles on the sub-pixel outlines; see locate_fit.cpp.
LocateMethodResult locate_fit(const LocateInput& input);

}  // namespace spine
