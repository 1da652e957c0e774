#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "spine/core/geometry.h"
#include "spine/core/landmarks.h"
#include "spine/stages/segment/contour.h"

// What the two landmark methods of locate.h share; not for other modules.
namespace spine {

/// What a landmark method works on.
struct LocateInput {
  const Regions& regions;
  cv::Size film;          ///< pixels
  Side anterior;          ///< decided
  AnatomicalFrame frame;  ///< of that side, and of the spacing
  /// Directions towards the head at each body, along the course of the spine; unit vectors in the
  /// anatomical frame.
  std::array<cv::Point2d, kLumbarCount> up;
  bool correct_endplates = true;  ///< see LocateOptions
};

/// Fills vertebrae, s1 and femoral_heads (unordered) of the result; `qc` gains a flag for each
/// structure whose mask is there but of a shape that cannot be read, "implausible_L3".
struct LocateMethodResult {
  std::array<std::optional<VertebraCorners>, kLumbarCount> vertebrae;
  std::optional<Endplate> s1;
  std::array<std::optional<FemoralHead>, 2> heads;
};

/// The prototype's Algorithms 1–3 (stages/README.md, "Locate") to the letter, on film pixels.
///
/// They assume that the patient faces left. Films that face right are mirrored first and the result
/// is mirrored back. Two points that the text leaves open are settled so:
/// - Algorithm 1 yields four corners without names. The two that lie farther along the course of
///   the spine towards the head are the superior ones; of each pair the more anterior is anterior.
/// - Algorithm 2's "largest y" is read with y upwards (the highest point), its rotation as that of
///   OpenCV: 20 degrees anti-clockwise as displayed. Read with y downwards it would give the
///   sacrum's tip.
LocateMethodResult locate_baseline(const LocateInput& input);

/// Robust lines, supporting lines and circles on the sub-pixel outlines; see locate_fit.cpp.
LocateMethodResult locate_fit(const LocateInput& input);

}  // namespace spine
