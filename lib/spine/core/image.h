#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/core/orientation.h"

namespace spine {

/// Distance of neighbouring pixel centres in millimetres, in DICOM's order (row\column,
/// PS3.3 10.7.1.3).
struct Spacing {
  double row_mm = 0;  ///< between rows, i.e. along y
  double col_mm = 0;  ///< between columns, i.e. along x
  /// Only their ratio is known (a pixel aspect ratio): `col_mm` is 1 and lengths are in widths of a
  /// pixel instead of millimetres.
  bool relative = false;
  friend bool operator==(const Spacing&, const Spacing&) = default;
};

/// Where a spacing comes from (the chain in io/README.md), most trustworthy first.
enum class SpacingSource {
  override_value,           ///< --spacing, or the manifest's spacing_mm
  calibrated,               ///< PixelSpacing that was calibrated
  magnification_corrected,  ///< ImagerPixelSpacing / EstimatedRadiographicMagnificationFactor
  detector_plane,           ///< ImagerPixelSpacing
  unknown,                  ///< PixelSpacing alone, or a resolution tag: plane not known
  aspect_ratio,             ///< only the shape of a pixel (Spacing::relative)
  none,                     ///< no spacing: lengths are given in pixels or not at all
};
/// "override", "calibrated", "magnification_corrected", "detector_plane", "unknown",
/// "aspect_ratio", "none".
std::string_view to_string(SpacingSource source);

/// The spacing that lengths in millimetres need; nullopt where only the ratio is known.
std::optional<Spacing> spacing_in_mm(const std::optional<Spacing>& spacing);

/// Spacing of pixels of which only the shape is known.
/// @param height_over_width  of one pixel, positive
Spacing relative_spacing(double height_over_width);

/// What is known of a film besides its pixels.
struct FilmInfo {
  std::optional<Spacing> spacing;
  SpacingSource spacing_source = SpacingSource::none;
  bool inverted = false;  ///< grey values were inverted so that bone is bright
  /// How the picture lies in its file. The film is always upright: it was turned when read.
  Orientation orientation = Orientation::top_left;
  std::vector<std::string> notes;  ///< decisions made while reading, one short sentence each
  std::vector<std::string> flags;  ///< reasons to review that reading found, as in Measurements::qc
};

/// One film as every stage sees it: single channel, bone bright, immutable.
///
/// The pixel matrix is CV_8UC1 or CV_16UC1. Construction clones it and nothing can write to it
/// afterwards, so copies of an Image share pixels safely. Frame: pixels, x right, y down, origin at
/// the centre of the top-left pixel.
class Image {
 public:
  /// @throws Error(unreadable) unless `pixels` is a non-empty CV_8UC1 or CV_16UC1.
  explicit Image(const cv::Mat& pixels, FilmInfo info = {});

  [[nodiscard]] const cv::Mat& pixels() const noexcept { return pixels_; }
  [[nodiscard]] const FilmInfo& info() const noexcept { return info_; }
  [[nodiscard]] cv::Size size() const noexcept { return pixels_.size(); }
  /// Largest grey value the depth can hold: 255 or 65,535.
  [[nodiscard]] double max_value() const noexcept {
    return pixels_.depth() == CV_8U ? 255.0 : 65535.0;
  }

 private:
  cv::Mat pixels_;
  FilmInfo info_;
};

}  // namespace spine
