#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <opencv2/core.hpp>

namespace spine {

/// One page of a multi-page TIFF.
struct TiffPage {
  std::string name;  ///< written as PageName
  cv::Mat pixels;    ///< CV_8UC1 or CV_16UC1
};

/// Encodes a baseline TIFF 6.0 of grey pages with PackBits compression, which stores long runs, as
/// in masks, faster than LZW or deflate. Pages keep their order.
/// @throws Error(internal) for no page, an empty page or other pixels; Error(output) if the file
/// would exceed the 4 GiB of a TIFF
std::vector<std::byte> encode_tiff(std::span<const TiffPage> pages);

}  // namespace spine
