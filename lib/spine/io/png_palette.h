#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <opencv2/core.hpp>

namespace spine {

using Rgb = std::array<std::uint8_t, 3>;

/// A PNG of palette indices, 8 bits each, compressed for speed. OpenCV can neither write nor read
/// indices, hence libpng itself.
/// @param indices  CV_8UC1, each value below palette.size() (at most 256)
/// @throws Error(internal) when libpng refuses.
std::vector<std::byte> encode_indexed_png(const cv::Mat& indices, std::span<const Rgb> palette);

/// Palette indices, or grey values, of a PNG as CV_8UC1; colours and alpha are not looked up.
/// @param name  of the file, for messages
/// @throws Error(unreadable) for damaged data, Error(unsupported) for a colour PNG.
cv::Mat decode_indexed_png(const std::string& bytes, const std::string& name);

}  // namespace spine
