#pragma once
#include <optional>

#include <opencv2/core.hpp>

#include "spine/core/mask_crop.h"

namespace spine {

/// Dice coefficient 2TP / (2TP + FP + FN) of two masks (CV_8UC1, nonzero is inside). Nullopt if
/// both are empty, which is ignored in means; 0 if only one is empty.
/// @throws Error(internal) for masks of different size; crops are assumed to be of films of the
/// same size
std::optional<double> dice(const cv::Mat& predicted, const cv::Mat& truth);
std::optional<double> dice(const MaskCrop& predicted, const MaskCrop& truth);

}  // namespace spine
