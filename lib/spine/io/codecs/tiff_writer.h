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
  cv::Mat pixels;    ///< CV_8UC1
};

/// Encodes a baseline TIFF 6.0 of 8-bit grey pages with PackBits compression, which stores long
/// runs, as in masks, ten times faster than LZW or deflate. Pages keep their order.
std::vector<std::byte> encode_tiff(std::span<const TiffPage> pages);

}  // namespace spine
