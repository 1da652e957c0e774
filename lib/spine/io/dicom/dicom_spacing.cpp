#include "spine/io/dicom/dicom_spacing.h"

#include <algorithm>
#include <cmath>

namespace spine {
namespace {

/// Spacings outside this range are errors of unit.
constexpr double kLargestSpacing_mm = 10, kSmallestSpacing_mm = 0.001;
/// Limit of a pixel's aspect ratio; no detector or digitiser exceeds it.
constexpr double kMostUneven = 5;
/// Limit of the ratio of source-detector to source-patient distance.
constexpr double kLargestMagnification = 10;

bool is_usable(double spacing_mm) {
  return spacing_mm >= kSmallestSpacing_mm && spacing_mm <= kLargestSpacing_mm;
}

bool is_usable_shape(double ratio) { return ratio >= 1 / kMostUneven && ratio <= kMostUneven; }

class SpacingReader {
 public:
  SpacingReader(DcmItem& data, FilmInfo& info) : data_(data), info_(info) {}

  void read() {
    const auto pixel = spacing(DCM_PixelSpacing);
    const auto imager = spacing(DCM_ImagerPixelSpacing);
    const bool says_calibrated = !tag_text(data_, DCM_PixelSpacingCalibrationType).empty();
    const auto magnification = this->magnification();
    if (pixel && (says_calibrated || (imager && !nearly_same(*pixel, *imager)))) {
      set(*pixel, SpacingSource::calibrated);
    } else if (imager && magnification) {
      set({imager->row_mm / *magnification, imager->col_mm / *magnification},
          SpacingSource::magnification_corrected);
    } else if (imager) {
      set(*imager, SpacingSource::detector_plane);
    } else if (pixel) {
      set(*pixel, SpacingSource::unknown);
    } else if (const auto scanned = spacing(DCM_NominalScannedPixelSpacing)) {
      set(*scanned, SpacingSource::unknown);
    }
    if (unusable_) {
      info_.notes.emplace_back("the file's pixel spacing is not a valid number and was ignored");
    }
    use_shape();
  }

 private:
  static bool nearly_same(const Spacing& a, const Spacing& b) {
    const auto near = [](double u, double v) { return std::abs(u - v) <= 1e-4 * std::max(u, v); };
    return near(a.row_mm, b.row_mm) && near(a.col_mm, b.col_mm);
  }

  void set(const Spacing& spacing, SpacingSource source) {
    info_.spacing = spacing;
    info_.spacing_source = source;
  }

  std::optional<Spacing> spacing(const DcmTagKey& key) {
    const auto values = tag_numbers(data_, key);
    if (values.empty()) return std::nullopt;
    const auto row = values[0];
    const auto column = values.size() > 1 ? values[1] : values[0];
    if (!row || !column || !is_usable(*row) || !is_usable(*column) ||
        !is_usable_shape(*row / *column)) {
      unusable_ = true;
      return std::nullopt;
    }
    if (values.size() == 1) {
      info_.notes.emplace_back("the file gives one pixel spacing: pixels were assumed square");
    }
    return Spacing{*row, *column};
  }

  std::optional<double> magnification() {
    const auto values = tag_numbers(data_, DCM_EstimatedRadiographicMagnificationFactor);
    if (values.empty()) return std::nullopt;
    // Projections magnify; a factor below 1 is the reciprocal or an error.
    if (values[0] && *values[0] >= 1 && *values[0] <= kLargestMagnification) return values[0];
    info_.notes.emplace_back(
        "the file's magnification factor is not a valid number and was ignored");
    return std::nullopt;
  }

  void use_shape() {
    const auto values = tag_numbers(data_, DCM_PixelAspectRatio);
    if (values.empty()) return;
    const bool whole = values.size() == 2 && values[0] && values[1] && *values[0] > 0 &&
                       *values[1] > 0 && is_usable_shape(*values[0] / *values[1]);
    if (!whole) {
      info_.notes.emplace_back(
          "the file's pixel aspect ratio is not a valid pair of numbers and was ignored");
      if (!info_.spacing) info_.flags.emplace_back("pixel_shape_uncertain");
      return;
    }
    const double shape = *values[0] / *values[1];
    // Ratios are of integers and agree with spacings only approximately.
    const auto differs = [&](double ratio) { return std::abs(shape / ratio - 1) > 0.02; };
    if (info_.spacing) {
      if (differs(info_.spacing->row_mm / info_.spacing->col_mm)) {
        info_.notes.emplace_back(
            "the file's pixel aspect ratio contradicts its pixel spacing, which was used");
        info_.flags.emplace_back("pixel_shape_uncertain");
      }
    } else if (shape != 1) {
      set(relative_spacing(shape), SpacingSource::aspect_ratio);
      info_.notes.emplace_back("pixels are not square: the file's pixel aspect ratio was used");
    }
  }

  DcmItem& data_;
  FilmInfo& info_;
  bool unusable_ = false;
};

}  // namespace

void find_spacing(DcmItem& data, FilmInfo& info) { SpacingReader(data, info).read(); }

}  // namespace spine
