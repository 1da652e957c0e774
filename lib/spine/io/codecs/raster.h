#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/core/orientation.h"

namespace spine {

/// A decoded image before conversion to a film. Frame: as stored, the orientation not applied.
struct Raster {
  cv::Mat pixels;              ///< CV_8U or CV_16U; 1 to 4 channels: grey, grey+alpha, RGB, RGBA
  bool white_is_zero = false;  ///< the file declares 0 as white (TIFF)
  Orientation orientation = Orientation::top_left;  ///< orientation declared by the file
  /// Height over width of a stored pixel, if the file declares non-square pixels.
  std::optional<double> pixel_aspect = {};
  std::vector<std::string> notes = {};  ///< decisions made on reading, one short sentence each
};

/// Sets the orientation from a tag; invalid values (0, 9 ...) are ignored.
void take_orientation(Raster& raster, std::optional<int> tag);

/// Sets the pixel aspect ratio from the resolutions along x and y, in pixels per unit of length.
/// The first call that implies non-square pixels (by more than 1 %) is used. Ratios beyond 1:5 and
/// values that are not positive numbers are ignored with a note.
/// @param source  named in the note: "pHYs", "JFIF" ...
void take_resolution(Raster& raster, double along_x, double along_y, std::string_view source);

/// Size limits, checked by the header before decoding: a small file may declare a huge image.
struct RasterLimits {
  int max_side = 20'000;                  ///< pixels
  std::int64_t max_pixels = 200'000'000;  ///< width times height
};

/// @throws Error(unsupported) naming file, limit and size if an image exceeds the limits
void check_size(const std::string& name, std::int64_t width, std::int64_t height,
                const RasterLimits& limits);

}  // namespace spine
