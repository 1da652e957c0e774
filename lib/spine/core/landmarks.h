#pragma once
#include <array>
#include <optional>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/core/structure.h"

namespace spine {

/// An endplate given by its two ends. Frame: film pixels, x right, y down.
struct Endplate {
  cv::Point2d post;  ///< posterior end
  cv::Point2d ant;   ///< anterior end
};

/// The point half-way between its ends.
inline cv::Point2d midpoint(const Endplate& endplate) {
  return 0.5 * (endplate.post + endplate.ant);
}

/// The four mid-sagittal corners of a lumbar vertebral body; osteophytes are ignored.
struct VertebraCorners {
  Endplate sup;  ///< superior endplate: on the line touching both rims, at the corner
  Endplate inf;  ///< inferior endplate: the 45-degree points of the rounded corners
};

/// A projected femoral head, in film pixels. With anisotropic spacing the radius is along x.
struct FemoralHead {
  cv::Point2d center;
  double radius = 0;
};

/// The landmarks of a film, from which all values are measured. nullopt: not found.
struct Landmarks {
  cv::Size size;  ///< of the film, pixels
  Side anterior = Side::left;
  std::array<std::optional<VertebraCorners>, kLumbarCount> vertebrae;  ///< L1 ... L5
  std::optional<Endplate> s1;                                          ///< S1 superior endplate
  std::vector<FemoralHead> femoral_heads;  ///< 0, 1 or 2; the more anterior one first
};

}  // namespace spine
