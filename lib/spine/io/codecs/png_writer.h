#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <opencv2/core.hpp>

namespace spine {

// PNG (third edition) compressed by libdeflate, in half the time of zlib's fastest level.

/// A palette entry: red, green, blue.
using Rgb = std::array<std::uint8_t, 3>;

/// Encodes an image.
/// @param pixels  8 or 16 bits, grey or colour in OpenCV's order (BGR)
/// @throws Error(internal) for pixels of another type, or none
std::vector<std::byte> encode_png(const cv::Mat& pixels);

/// Encodes palette indices, 8 bits each.
/// @param indices  CV_8UC1, all values below palette.size() (at most 256)
/// @throws Error(internal) as above
std::vector<std::byte> encode_indexed_png(const cv::Mat& indices, std::span<const Rgb> palette);

}  // namespace spine
