#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/io/codecs/raster.h"

// PNG by libpng itself: OpenCV prints libpng's complaints to stderr, and knows no palette indices.

namespace spine {

bool is_png(const std::string& bytes);

/// Grey, palette or colour, 1 to 16 bits, with or without alpha, as 8 or 16 bits. Of the resolution
/// in pHYs (PNG, third edition, 11.3.4.3), or else in EXIF, the ratio alone is taken: the unit is a
/// printer's or scanner's, not a detector's. The orientation is that of EXIF, in the chunk eXIf or
/// as ImageMagick's text.
/// @param name  of the file, for messages
/// @throws Error(unreadable) for damage of any chunk, also a missing end;
///         Error(unsupported) for animations and pictures beyond the limits.
Raster decode_png(const std::string& bytes, const std::string& name,
                  const RasterLimits& limits = {});

/// Palette indices, or grey values of at most 8 bits, of a PNG as CV_8UC1 without any scaling,
/// turned upright as the file says.
/// @throws Error(unreadable) for damaged data; Error(unsupported) for colour, alpha or 16 bits.
cv::Mat decode_indexed_png(const std::string& bytes, const std::string& name,
                           const RasterLimits& limits = {});

}  // namespace spine
