#include "spine/io/raster.h"

#include "spine/core/error.h"

namespace spine {

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
