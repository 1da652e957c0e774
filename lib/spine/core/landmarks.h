#pragma once
#include <array>
#include <optional>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/core/structure.h"

namespace spine {

/// One endplate by its two ends. Frame: film pixels, x right, y down.
struct Endplate {
  cv::Point2d post;  ///< posterior end
  cv::Point2d ant;   ///< anterior end
};

/// The four mid-sagittal corners of a lumbar body; osteophytes never move a corner.
struct VertebraCorners {
  Endplate sup;  ///< superior endplate: on the line touching both rims, at the corner
  Endplate inf;  ///< inferior endplate: the 45-degree points of the rounded corners
};

/// A projected femoral head. Where spacing is anisotropic the radius is along x, in pixels.
struct FemoralHead {
  cv::Point2d center;
  double radius = 0;
};

/// Everything that is measured from. nullopt: not found.
struct Landmarks {
  cv::Size size;  ///< of the film, pixels
  Side anterior = Side::left;
  std::array<std::optional<VertebraCorners>, kLumbarCount> vertebrae;  ///< L1 ... L5
  std::optional<Endplate> s1;                                          ///< S1 superior endplate
  std::vector<FemoralHead> femoral_heads;  ///< 0, 1 or 2; the more anterior first
};

}  // namespace spine
