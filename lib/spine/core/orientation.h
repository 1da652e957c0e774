#pragma once
#include <optional>

#include <opencv2/core.hpp>

namespace spine {

/// How a picture lies in its file, numbered as the tag Orientation of TIFF 6.0 and EXIF 2.3 (274):
/// the sides of the upright picture where the stored first row and first column are.
enum class Orientation {
  top_left = 1,      ///< upright as stored
  top_right = 2,     ///< mirrored
  bottom_right = 3,  ///< upside down (turned by 180 degrees)
  bottom_left = 4,   ///< upside down and mirrored
  left_top = 5,      ///< rows and columns exchanged
  right_top = 6,     ///< to be turned by 90 degrees clockwise
  right_bottom = 7,  ///< rows and columns exchanged, turned by 180 degrees
  left_bottom = 8,   ///< to be turned by 90 degrees counter-clockwise
};

/// The orientation of a tag's value; nullopt unless it is 1 to 8.
std::optional<Orientation> orientation_of_tag(int value);

/// Whether rows of the stored picture are columns of the upright one.
bool exchanges_sides(Orientation orientation);

/// The upright picture of a stored one; a copy, any type.
cv::Mat upright(const cv::Mat& stored, Orientation orientation);

/// The inverse: the picture as it would be stored.
cv::Mat as_stored(const cv::Mat& upright, Orientation orientation);

}  // namespace spine
