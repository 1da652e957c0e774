#pragma once
#include <optional>

#include <opencv2/core.hpp>

#include "spine/core/mask_crop.h"

namespace spine {

/// Dice coefficient 2TP / (2TP + FP + FN) of two masks (CV_8UC1, anything but 0 is inside).
/// Where both are empty there is nothing to agree on: nullopt, which no mean counts. Where only one
/// is empty it is 0.
/// @throws Error(internal) for masks of different size; crops are taken for those of one size.
std::optional<double> dice(const cv::Mat& predicted, const cv::Mat& truth);
std::optional<double> dice(const MaskCrop& predicted, const MaskCrop& truth);

/// The 95th percentile of the distances between the outlines of two masks, from each to the other
/// and both taken together (Huttenlocher 1993, robust form), in pixels. nullopt where one is empty.
/// @throws Error(internal) for masks of different size.
std::optional<double> hausdorff95_px(const cv::Mat& predicted, const cv::Mat& truth);
std::optional<double> hausdorff95_px(const MaskCrop& predicted, const MaskCrop& truth);

}  // namespace spine
