#include "spine/core/image.h"

#include "spine/core/error.h"

namespace spine {

std::string_view to_string(SpacingSource source) {
  switch (source) {
    case SpacingSource::override_value:
      return "override";
    case SpacingSource::calibrated:
      return "calibrated";
    case SpacingSource::magnification_corrected:
      return "magnification_corrected";
    case SpacingSource::detector_plane:
      return "detector_plane";
    case SpacingSource::unknown:
      return "unknown";
    case SpacingSource::aspect_ratio:
      return "aspect_ratio";
    case SpacingSource::none:
      return "none";
  }
  return "none";
}

std::optional<Spacing> spacing_in_mm(const std::optional<Spacing>& spacing) {
  return spacing && !spacing->relative ? spacing : std::nullopt;
}

Spacing relative_spacing(double height_over_width) { return {height_over_width, 1, true}; }

Image::Image(const cv::Mat& pixels, FilmInfo info) : info_(std::move(info)) {
  if (pixels.empty() || (pixels.type() != CV_8UC1 && pixels.type() != CV_16UC1)) {
    throw Error(ErrorKind::unreadable,
                "expected a greyscale image of 8 or 16 bits, got " +
                    (pixels.empty() ? std::string("no pixels") : cv::typeToString(pixels.type())));
  }
  pixels_ = pixels.clone();
}

}  // namespace spine
