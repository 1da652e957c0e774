#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace spine {

/// What EXIF says of how a picture is to be shown.
struct ExifTags {
  std::optional<int> orientation;  ///< tag 274, any value
  /// Tags 282 and 283, pixels in a unit of length; both or none.
  std::optional<double> x_resolution, y_resolution;
};

/// The tags of the first directory (IFD0) of an EXIF block (EXIF 2.3 section 4.6, TIFF 6.0 section
/// 2): a TIFF header of either byte order, with or without the "Exif\0\0" before it. What is
/// broken or missing is as absent; never throws.
ExifTags read_exif(std::string_view block);

/// The bytes of an EXIF block that ImageMagick wrote as text into a PNG ("Raw profile type exif" or
/// "APP1"): a name, the number of bytes, then the bytes as hexadecimal digits. Empty when it is
/// none.
std::string raw_profile(std::string_view text);

}  // namespace spine
