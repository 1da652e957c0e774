#include "spine/io/codecs/raster.h"

#include <cmath>

#include "spine/core/error.h"

namespace spine {

void take_orientation(Raster& raster, std::optional<int> tag) {
  raster.orientation = orientation_of_tag(tag.value_or(1)).value_or(Orientation::top_left);
}

void take_resolution(Raster& raster, double along_x, double along_y, std::string_view source) {
  if (raster.pixel_aspect) return;
  constexpr double kSquare = 1.01, kLargest = 5;
  const bool given = std::isfinite(along_x) && std::isfinite(along_y) && along_x > 0 && along_y > 0;
  // A higher resolution along an axis means smaller pixels along it.
  const double ratio = given ? along_x / along_y : 0;
  if (ratio > kLargest || ratio < 1 / kLargest) {
    raster.notes.push_back("the resolution in " + std::string(source) +
                           " is implausible for a film and was not used");
  } else if (ratio > kSquare || ratio < 1 / kSquare) {
    raster.pixel_aspect = ratio;
  }
}

void check_size(const std::string& name, std::int64_t width, std::int64_t height,
                const RasterLimits& limits) {
  if (width <= limits.max_side && height <= limits.max_side && width * height <= limits.max_pixels)
    return;
  throw Error(ErrorKind::unsupported,
              "read " + name + ": expected at most " + std::to_string(limits.max_side) +
                  " pixels a side and " + std::to_string(limits.max_pixels / 1'000'000) +
                  " megapixels, got " + std::to_string(width) + "x" + std::to_string(height));
}

}  // namespace spine
