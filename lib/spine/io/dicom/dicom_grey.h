#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <opencv2/core.hpp>

// The grey-scale pipeline of DICOM (PS3.4 N.2), independent of any DICOM library.

namespace spine {

/// Position of a stored value in its word (PS3.5 8.1.1). Other bits are overlays or undefined.
struct StoredFormat {
  int bits_stored = 16;
  int high_bit = 15;
  bool is_signed = false;

  /// The stored value of a word of pixel data.
  [[nodiscard]] int value(std::uint16_t word) const;
};

/// A Modality or VOI LUT (PS3.3 C.11.1.1.1): inputs before the first entry give the first entry,
/// inputs beyond the last give the last.
struct LookupTable {
  int first = 0;  ///< input of data[0]
  int bits = 16;  ///< of the entries
  std::vector<std::uint16_t> data;

  /// Output for an input value.
  [[nodiscard]] double at(double input) const;
};

/// VOI LUT Function (PS3.3 C.11.2.1.3).
enum class WindowFunction { linear, linear_exact, sigmoid };

/// A VOI window (PS3.3 C.11.2.1.2 and C.11.2.1.3). Linear requires a width of at least 1, the
/// others above 0.
struct Window {
  double center = 0, width = 1;
  WindowFunction function = WindowFunction::linear;

  /// Display value in [0, 1] of a modality value.
  [[nodiscard]] double at(double input) const;
};

/// Parameters of the grey-scale pipeline.
struct GreyPipeline {
  StoredFormat format;
  std::optional<LookupTable> modality_lut;
  double slope = 1, intercept = 0;  ///< used if there is no modality LUT
  std::optional<LookupTable> voi_lut;
  std::optional<Window> window;                ///< used if there is no usable VOI LUT
  std::optional<std::pair<int, int>> padding;  ///< stored values that are padding, inclusive
  bool inverse = false;                        ///< the lowest output is displayed white
};

/// Applies the grey-scale pipeline; low output is dark. Padding becomes 0. Without VOI transform,
/// or if it leaves no contrast or clips much of the image centre, the 0.1th to 99.9th percentile is
/// stretched.
/// @param words  CV_16UC1 as stored
/// @param notes  receives a sentence for each such decision
/// @returns CV_16UC1, full range
cv::Mat to_display(const cv::Mat& words, const GreyPipeline& pipeline,
                   std::vector<std::string>& notes);

}  // namespace spine
