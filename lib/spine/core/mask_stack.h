#pragma once
#include <array>

#include <opencv2/core.hpp>

#include "spine/core/mask_crop.h"
#include "spine/core/structure.h"

namespace spine {

/// Eight independent binary masks (CV_8UC1, 0 or 255) of one size; structures may overlap.
/// Frame: the film's pixels. Setting clones; reading gives a reference that must not be written to.
class MaskStack {
 public:
  MaskStack() = default;
  /// All masks empty (0) at the given size.
  explicit MaskStack(cv::Size size);

  [[nodiscard]] const cv::Mat& operator[](Structure s) const { return masks_[index(s)]; }
  /// @throws Error(internal) unless `mask` is CV_8UC1 of this stack's size. Any value but 0 becomes
  /// 255.
  void set(Structure s, const cv::Mat& mask);
  /// The same from the part of a mask that holds something: all around it is 0.
  /// @throws Error(internal) unless the crop's pixels are CV_8UC1 of its box's size, inside the
  /// stack
  void set(Structure s, const MaskCrop& crop);
  void clear(Structure s);
  void swap(Structure a, Structure b) noexcept;
  [[nodiscard]] cv::Size size() const noexcept { return masks_[0].size(); }
  /// Whether the structure has at least one pixel.
  [[nodiscard]] bool has(Structure s) const { return !box(s).empty(); }
  /// The smallest rectangle that holds all of a structure's pixels; empty where there are none.
  [[nodiscard]] const cv::Rect& box(Structure s) const { return boxes_[index(s)]; }
  /// That part of the mask, whose pixels are not copied.
  [[nodiscard]] MaskCrop crop(Structure s) const { return {box(s), masks_[index(s)](box(s))}; }

 private:
  void require(Structure s, const cv::Mat& mask, const cv::Rect& place) const;

  std::array<cv::Mat, kStructureCount> masks_;
  std::array<cv::Rect, kStructureCount> boxes_;
};

}  // namespace spine
