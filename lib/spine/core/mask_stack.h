#pragma once
#include <array>

#include <opencv2/core.hpp>

#include "spine/core/mask_crop.h"
#include "spine/core/structure.h"

namespace spine {

/// Eight independent binary masks (CV_8UC1, 0 or 255) of equal size; structures may overlap. Frame:
/// film pixels. set() copies; operator[] returns a reference that must not be modified.
class MaskStack {
 public:
  MaskStack() = default;
  /// All masks empty (0), of the given size.
  explicit MaskStack(cv::Size size);

  [[nodiscard]] const cv::Mat& operator[](Structure s) const { return masks_[index(s)]; }
  /// Replaces a mask; non-zero becomes 255.
  /// @throws Error(internal) unless `mask` is CV_8UC1 of this stack's size
  void set(Structure s, const cv::Mat& mask);
  /// Replaces a mask by a crop; 0 outside the crop.
  /// @throws Error(internal) unless the crop's pixels are CV_8UC1 of its box's size and the box is
  /// inside the stack
  void set(Structure s, const MaskCrop& crop);
  void clear(Structure s);
  void swap(Structure a, Structure b) noexcept;
  [[nodiscard]] cv::Size size() const noexcept { return masks_[0].size(); }
  /// Whether the structure has at least one pixel.
  [[nodiscard]] bool has(Structure s) const { return !box(s).empty(); }
  /// Bounding box of a structure's pixels; empty if there are none.
  [[nodiscard]] const cv::Rect& box(Structure s) const { return boxes_[index(s)]; }
  /// The mask within its bounding box; shares pixels with this stack.
  [[nodiscard]] MaskCrop crop(Structure s) const { return {box(s), masks_[index(s)](box(s))}; }

 private:
  void require(Structure s, const cv::Mat& mask, const cv::Rect& place) const;

  std::array<cv::Mat, kStructureCount> masks_;
  std::array<cv::Rect, kStructureCount> boxes_;
};

}  // namespace spine
