#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace spine {

/// EXIF tags that affect the display of an image.
struct ExifTags {
  std::optional<int> orientation;  ///< tag 274, unchecked
  /// Tags 282 and 283, pixels per unit of length; both or neither.
  std::optional<double> x_resolution, y_resolution;
};

/// Reads the first directory (IFD0) of an EXIF block (EXIF 2.3 section 4.6, TIFF 6.0 section 2): a
/// TIFF header of either byte order, with or without a leading "Exif\0\0". Corrupt or missing tags
/// are treated as absent; never throws.
ExifTags read_exif(std::string_view block);

/// Decodes an EXIF block that ImageMagick wrote as text into a PNG ("Raw profile type exif" or
/// "APP1"): a name, the number of bytes, then hexadecimal digits.
/// @returns the bytes; empty if the text has another form
std::string raw_profile(std::string_view text);

}  // namespace spine
