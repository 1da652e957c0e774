#pragma once
#include <filesystem>

#include "spine/core/mask_stack.h"

namespace spine {

/// masks.tif: 8 pages, 0/255, in the order L1 L2 L3 L4 L5 S F1 F2. Atomic. @throws Error(output).
void write_masks(const std::filesystem::path& file, const MaskStack& masks);

/// labels.png: palette image, index 0 = background, 1..8 = structure, 9 = F1 and F2. Atomic.
void write_labels(const std::filesystem::path& file, const MaskStack& masks);

/// Reads masks from a multi-page TIFF, a label PNG (palette index or grey value 0..9), or a folder
/// of per-class PNGs (L1.png ... F2.png; a missing one is an empty mask).
/// @throws Error(not_found | unreadable | unsupported).
MaskStack read_masks(const std::filesystem::path& path);

}  // namespace spine
