#pragma once
#include <array>

#include <opencv2/core.hpp>

#include "spine/core/structure.h"

namespace spine {

/// The part of a binary mask that holds something.
struct MaskCrop {
  cv::Rect box;    ///< in the mask's pixels; empty where the mask is
  cv::Mat pixels;  ///< CV_8UC1 of the box's size; anything but 0 is inside
};

/// The masks of a film without what is empty of them: a tenth of a MaskStack's memory, for reading.
struct MaskCrops {
  cv::Size size;  ///< of the film
  std::array<MaskCrop, kStructureCount> masks;

  [[nodiscard]] const MaskCrop& operator[](Structure s) const { return masks[index(s)]; }
};

}  // namespace spine
