#pragma once
#include <array>
#include <cstdint>
#include <filesystem>

#include "spine/core/mask_crop.h"
#include "spine/core/mask_stack.h"

namespace spine {

/// Writes masks.tif: 8 pages, 0/255, in the order L1 L2 L3 L4 L5 S F1 F2. Atomic. @throws
/// Error(output)
void write_masks(const std::filesystem::path& file, const MaskStack& masks);

/// Writes labels.png: a palette image, index 0 = background, 1..8 = structure, 9 = F1 and F2. In
/// other overlaps the later structure hides the earlier one; for viewing only, masks.tif is
/// lossless. Atomic. @throws Error(output)
void write_labels(const std::filesystem::path& file, const MaskStack& masks);

/// Colour of a structure in labels.png and on overlays, RGB.
std::array<std::uint8_t, 3> structure_color(Structure s);

/// Reads one mask, CV_8UC1 of 0 and 255, from a PNG: a pixel is inside if any colour is non-zero;
/// alpha is ignored. Rotated upright by its orientation tag.
/// @throws Error(not_found | unreadable | unsupported)
cv::Mat read_mask(const std::filesystem::path& file);

/// Reads masks from a multi-page TIFF, a label PNG (palette index or grey value 0..9), or a folder
/// with masks.tif or per-class PNGs (L1.png ... F2.png; a missing one is an empty mask, a folder
/// without any is an error). Non-zero is inside. Images with an orientation tag are rotated
/// upright, as by read_film().
/// @throws Error(not_found | unreadable | unsupported)
MaskStack read_masks(const std::filesystem::path& path);

/// The bounding box of a mask (CV_8UC1) with its pixels, which are shared.
MaskCrop crop_of(const cv::Mat& mask);

/// Like read_masks(); many times faster for a TIFF, since blank parts are not decoded.
/// @throws Error(not_found | unreadable | unsupported)
MaskCrops read_mask_crops(const std::filesystem::path& path);

}  // namespace spine
