#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <opencv2/core.hpp>

namespace spine {

// PNG (third edition) compressed by libdeflate, which takes half of zlib's time at its fastest.

using Rgb = std::array<std::uint8_t, 3>;

/// @param pixels  of 8 or 16 bits, grey or colour in OpenCV's order (BGR)
/// @throws Error(internal) for pixels of another type, or none
std::vector<std::byte> encode_png(const cv::Mat& pixels);

/// A PNG of palette indices, 8 bits each.
/// @param indices  CV_8UC1, each value below palette.size() (at most 256)
/// @throws Error(internal) as above
std::vector<std::byte> encode_indexed_png(const cv::Mat& indices, std::span<const Rgb> palette);

}  // namespace spine
