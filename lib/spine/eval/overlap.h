#pragma once
#include <optional>

#include "spine/core/mask_crop.h"

namespace spine {

/// 95 % Hausdorff distance: the 95th percentile of the distances between the contours of two masks,
/// pooled over both directions (Huttenlocher 1993, robust form), in pixels. Nullopt if one is
/// empty. Crops are assumed to be of films of the same size.
std::optional<double> hausdorff95_px(const MaskCrop& predicted, const MaskCrop& truth);

}  // namespace spine
