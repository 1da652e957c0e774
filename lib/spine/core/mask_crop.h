#pragma once
#include <array>

#include <opencv2/core.hpp>

#include "spine/core/structure.h"

namespace spine {

/// Bounding box of a binary mask with its pixels.
struct MaskCrop {
  cv::Rect box;    ///< in the mask's pixels; empty for an empty mask
  cv::Mat pixels;  ///< CV_8UC1 of the box's size; non-zero is inside
};

/// The masks of a film as crops. Read-only; takes about a tenth of the memory of a MaskStack.
struct MaskCrops {
  cv::Size size;  ///< size of the film, pixels
  std::array<MaskCrop, kStructureCount> masks;

  [[nodiscard]] const MaskCrop& operator[](Structure s) const { return masks[index(s)]; }
};

}  // namespace spine
