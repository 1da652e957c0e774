#pragma once
#include <optional>

#include <opencv2/core.hpp>

namespace spine {

/// Orientation of a stored image, numbered as the tag Orientation (274) of TIFF 6.0 and EXIF 2.3:
/// the sides of the upright image at which the stored first row and first column are.
enum class Orientation {
  top_left = 1,      ///< upright as stored
  top_right = 2,     ///< mirrored
  bottom_right = 3,  ///< rotated by 180 degrees
  bottom_left = 4,   ///< mirrored top to bottom
  left_top = 5,      ///< transposed
  right_top = 6,     ///< needs a clockwise rotation by 90 degrees
  right_bottom = 7,  ///< transposed and rotated by 180 degrees
  left_bottom = 8,   ///< needs a counter-clockwise rotation by 90 degrees
};

/// Orientation for a tag value; nullopt unless it is 1 to 8.
std::optional<Orientation> orientation_of_tag(int value);

/// Whether the stored rows are columns of the upright image.
bool exchanges_sides(Orientation orientation);

/// The upright version of a stored image; always a copy, any type.
cv::Mat upright(const cv::Mat& stored, Orientation orientation);

/// Inverse of upright(): the image as it would be stored.
cv::Mat as_stored(const cv::Mat& upright, Orientation orientation);

}  // namespace spine
