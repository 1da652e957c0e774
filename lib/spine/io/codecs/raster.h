#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/core/orientation.h"

namespace spine {

/// A decoded picture before it becomes a film. Frame: as stored, the orientation not applied.
struct Raster {
  cv::Mat pixels;              ///< CV_8U or CV_16U; 1 to 4 channels: grey, grey+alpha, RGB, RGBA
  bool white_is_zero = false;  ///< the file says that 0 is to be shown white (TIFF)
  Orientation orientation = Orientation::top_left;  ///< how the file says that the picture lies
  /// Height over width of a stored pixel, where the file says that it is no square.
  std::optional<double> pixel_aspect = {};
  std::vector<std::string> notes = {};  ///< decisions made while reading, one short sentence each
};

/// Takes an orientation tag over; values that are none (0, 9 ...) are as no tag.
void take_orientation(Raster& raster, std::optional<int> tag);

/// Takes over the resolutions that a file gives along x and y, in pixels a unit of length: the
/// first that says that pixels are no squares (by more than 1 %) counts. Ratios beyond 1 to 5, and
/// what is no number above 0, are left alone with a note.
/// @param source  named in the note: "pHYs", "JFIF" ...
void take_resolution(Raster& raster, double along_x, double along_y, std::string_view source);

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
