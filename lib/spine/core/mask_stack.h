#pragma once
#include <array>

#include <opencv2/core.hpp>

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
  [[nodiscard]] cv::Size size() const noexcept { return masks_[0].size(); }
  /// Whether the structure has at least one pixel.
  [[nodiscard]] bool has(Structure s) const;

 private:
  std::array<cv::Mat, kStructureCount> masks_;
};

}  // namespace spine
