#pragma once
#include <string>

#include "spine/io/codecs/raster.h"

// JPEG by libjpeg directly: OpenCV fills missing data of damaged files with grey and only warns on
// stderr.

namespace spine {

/// Whether the content starts with a JPEG signature.
bool is_jpeg(const std::string& bytes);

/// Decodes a baseline or progressive JPEG, grey or colour, 8 bits. The orientation is taken from
/// EXIF (APP1), the pixel aspect ratio from JFIF's density or otherwise EXIF's resolution.
/// @param name  of the file, for messages
/// @throws Error(unreadable) for truncated or corrupt data; Error(unsupported) for CMYK, other bit
/// depths and images beyond the limits
Raster decode_jpeg(const std::string& bytes, const std::string& name,
                   const RasterLimits& limits = {});

}  // namespace spine
