#pragma once
#include <cstdint>
#include <string>

#include <opencv2/core.hpp>

namespace spine {

/// A decoded picture before it becomes a film. Frame: as stored, no orientation tag applied.
struct Raster {
  cv::Mat pixels;              ///< CV_8U or CV_16U; 1 to 4 channels: grey, grey+alpha, RGB, RGBA
  bool white_is_zero = false;  ///< the file says that 0 is to be shown white (TIFF)
};

/// What is refused from the header, before any pixel is decoded: a small file can claim to be huge.
struct RasterLimits {
  int max_side = 20'000;                  ///< pixels
  std::int64_t max_pixels = 200'000'000;  ///< width times height
};

/// @throws Error(unsupported) naming file, limit and size when a picture is too large to be
/// decoded.
void check_size(const std::string& name, std::int64_t width, std::int64_t height,
                const RasterLimits& limits);

}  // namespace spine
