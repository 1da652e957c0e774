#pragma once
#include <optional>

#include <opencv2/core.hpp>

#include "spine/core/mask_crop.h"

namespace spine {

/// 95 % Hausdorff distance: the 95th percentile of the distances between the contours of two masks,
/// pooled over both directions (Huttenlocher 1993, robust form), in pixels. Nullopt if one is
/// empty.
/// @throws Error(internal) for masks of different size
std::optional<double> hausdorff95_px(const cv::Mat& predicted, const cv::Mat& truth);
std::optional<double> hausdorff95_px(const MaskCrop& predicted, const MaskCrop& truth);

}  // namespace spine
