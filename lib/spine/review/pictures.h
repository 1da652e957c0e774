#pragma once
#include <string>

#include <nlohmann/json.hpp>

#include "spine/core/image.h"
#include "spine/core/mask_crop.h"

namespace spine::review {

/// The pixels of a film, row by row, 8 or 16 bits little endian, compressed (RFC 1952). Browsers
/// decode pictures of 16 bits to 8, so that window and level need the raw values.
std::string gzip_pixels(const Image& film);

/// A JPEG of at most `side` pixels, which shows before the pixels are there.
std::string preview_jpeg(const cv::Mat& pixels, int side);

/// Outlines of the structures: {"L1": [[x, y, x, y, ...], ...], ...}, polygons in film pixels.
nlohmann::json outlines(const MaskCrops& masks);

}  // namespace spine::review
