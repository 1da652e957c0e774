#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/core/orientation.h"

namespace spine {

/// Distance between the centres of neighbouring pixels in mm, in DICOM order (row, column; PS3.3
/// 10.7.1.3).
struct Spacing {
  double row_mm = 0;  ///< between rows, i.e. along y
  double col_mm = 0;  ///< between columns, i.e. along x
  /// Only the pixel aspect ratio is known: `col_mm` is 1 and lengths are in pixel widths instead of
  /// millimetres.
  bool relative = false;
  friend bool operator==(const Spacing&, const Spacing&) = default;
};

/// Origin of a spacing (order of precedence in io/README.md), most reliable first.
enum class SpacingSource {
  override_value,           ///< --spacing, or spacing_mm of the manifest
  calibrated,               ///< PixelSpacing with a calibration
  magnification_corrected,  ///< ImagerPixelSpacing / EstimatedRadiographicMagnificationFactor
  detector_plane,           ///< ImagerPixelSpacing
  unknown,                  ///< PixelSpacing alone, or a resolution tag: plane unknown
  aspect_ratio,             ///< pixel aspect ratio only (Spacing::relative)
  none,                     ///< no spacing: lengths are in pixels or omitted
};
/// Name as written to files: "override", "calibrated", "magnification_corrected", "detector_plane",
/// "unknown", "aspect_ratio", "none".
std::string_view to_string(SpacingSource source);

/// The spacing if it is in millimetres; nullopt if unknown or only an aspect ratio.
std::optional<Spacing> spacing_in_mm(const std::optional<Spacing>& spacing);

/// A spacing of known aspect ratio and unknown size.
/// @param height_over_width  of one pixel, positive
Spacing relative_spacing(double height_over_width);

/// Metadata of a film.
struct FilmInfo {
  std::optional<Spacing> spacing;
  SpacingSource spacing_source = SpacingSource::none;
  bool inverted = false;  ///< grey values were inverted on reading so that bone is bright
  /// Orientation of the image as stored. The pixels of an Image are always upright.
  Orientation orientation = Orientation::top_left;
  std::vector<std::string> notes;  ///< decisions made on reading, one short sentence each
  std::vector<std::string> flags;  ///< flags raised on reading, as in Measurements::qc
};

/// A film: single channel, bone bright, immutable.
///
/// The pixel matrix is CV_8UC1 or CV_16UC1. It is cloned on construction and never modified
/// afterwards, so copies of an Image safely share pixels. Frame: pixels, x right, y down, origin at
/// the centre of the top-left pixel.
class Image {
 public:
  /// @throws Error(unreadable) unless `pixels` is non-empty and CV_8UC1 or CV_16UC1
  explicit Image(const cv::Mat& pixels, FilmInfo info = {});

  [[nodiscard]] const cv::Mat& pixels() const noexcept { return pixels_; }
  [[nodiscard]] const FilmInfo& info() const noexcept { return info_; }
  [[nodiscard]] cv::Size size() const noexcept { return pixels_.size(); }
  /// Largest grey value of the depth: 255 or 65,535.
  [[nodiscard]] double max_value() const noexcept {
    return pixels_.depth() == CV_8U ? 255.0 : 65535.0;
  }

 private:
  cv::Mat pixels_;
  FilmInfo info_;
};

}  // namespace spine
