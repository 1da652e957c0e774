#pragma once
#include <array>
#include <cstdint>
#include <filesystem>

#include "spine/core/mask_crop.h"
#include "spine/core/mask_stack.h"

namespace spine {

/// masks.tif: 8 pages, 0/255, in the order L1 L2 L3 L4 L5 S F1 F2. Atomic. @throws Error(output).
void write_masks(const std::filesystem::path& file, const MaskStack& masks);

/// labels.png: palette image, index 0 = background, 1..8 = structure, 9 = F1 and F2. Elsewhere the
/// later structure hides the earlier one, so it is for looking; masks.tif loses nothing. Atomic.
/// @throws Error(output).
void write_labels(const std::filesystem::path& file, const MaskStack& masks);

/// The colour of each structure in labels.png and on overlays, RGB.
std::array<std::uint8_t, 3> structure_color(Structure s);

/// One mask, CV_8UC1 of 0 and 255, from a PNG: a pixel is inside when any of its colours is not 0;
/// alpha does not count. Turned upright by its orientation tag.
/// @throws Error(not_found | unreadable | unsupported).
cv::Mat read_mask(const std::filesystem::path& file);

/// Reads masks from a multi-page TIFF, a label PNG (palette index or grey value 0..9), or a folder
/// holding masks.tif or per-class PNGs (L1.png ... F2.png; a missing one is an empty mask, not
/// one of them is an error). Any value but 0 is inside. Pictures with an orientation tag are turned
/// upright, as read_film() does.
/// @throws Error(not_found | unreadable | unsupported).
MaskStack read_masks(const std::filesystem::path& path);

/// The part of a mask (CV_8UC1) that holds something; shares the mask's pixels.
MaskCrop crop_of(const cv::Mat& mask);

/// The same as read_masks(), and of a TIFF many times faster: blank parts are not even decoded.
/// @throws Error(not_found | unreadable | unsupported).
MaskCrops read_mask_crops(const std::filesystem::path& path);

}  // namespace spine
