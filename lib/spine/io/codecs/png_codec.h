#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/io/codecs/raster.h"

// PNG by libpng directly: OpenCV prints libpng's messages to stderr and does not expose palette
// indices.

namespace spine {

/// Whether the content starts with the PNG signature.
bool is_png(const std::string& bytes);

/// Decodes grey, palette or colour, 1 to 16 bits, with or without alpha, to 8 or 16 bits. Only the
/// ratio of the resolution in pHYs (PNG, third edition, 11.3.4.3), or otherwise in EXIF, is used:
/// its unit refers to a printer or scanner, not to a detector. The orientation is taken from EXIF,
/// in the chunk eXIf or in ImageMagick's text.
/// @param name  of the file, for messages
/// @throws Error(unreadable) for damage in any chunk, including a missing end; Error(unsupported)
/// for animations and images beyond the limits
Raster decode_png(const std::string& bytes, const std::string& name,
                  const RasterLimits& limits = {});

/// Decodes palette indices, or grey values of at most 8 bits, as unscaled CV_8UC1, rotated upright
/// as the file's orientation demands.
/// @throws Error(unreadable) for damaged data; Error(unsupported) for colour, alpha or 16 bits
cv::Mat decode_indexed_png(const std::string& bytes, const std::string& name,
                           const RasterLimits& limits = {});

}  // namespace spine
