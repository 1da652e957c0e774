#pragma once
#include <string>

#include "spine/io/codecs/raster.h"

// JPEG by libjpeg itself: OpenCV fills what a damaged file lacks with grey and only warns on
// stderr.

namespace spine {

bool is_jpeg(const std::string& bytes);

/// Baseline or progressive JPEG, grey or colour, 8 bits. The orientation is that of EXIF (APP1),
/// the shape of pixels that of JFIF's density or else EXIF's resolution.
/// @param name  of the file, for messages
/// @throws Error(unreadable) for truncated or corrupt data; Error(unsupported) for CMYK, other bit
///         depths and pictures beyond the limits.
Raster decode_jpeg(const std::string& bytes, const std::string& name,
                   const RasterLimits& limits = {});

}  // namespace spine
