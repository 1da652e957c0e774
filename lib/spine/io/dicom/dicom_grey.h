#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <opencv2/core.hpp>

// The grey-scale pipeline of DICOM (PS3.4 N.2) as plain arithmetic, without any DICOM library.

namespace spine {

/// How a stored value lies in its word (PS3.5 8.1.1). Bits outside are overlays or rubbish.
struct StoredFormat {
  int bits_stored = 16;
  int high_bit = 15;
  bool is_signed = false;

  /// The value in a word of pixel data.
  [[nodiscard]] int value(std::uint16_t word) const;
};

/// A Modality or VOI LUT (PS3.3 C.11.1.1.1): values before the first take its entry, values beyond
/// the last the last one's.
struct LookupTable {
  int first = 0;  ///< input of data[0]
  int bits = 16;  ///< of the entries
  std::vector<std::uint16_t> data;

  [[nodiscard]] double at(double input) const;
};

enum class WindowFunction { linear, linear_exact, sigmoid };

/// PS3.3 C.11.2.1.2 and C.11.2.1.3. Linear needs a width of at least 1, the others above 0.
struct Window {
  double center = 0, width = 1;
  WindowFunction function = WindowFunction::linear;

  /// In [0, 1].
  [[nodiscard]] double at(double input) const;
};

struct GreyPipeline {
  StoredFormat format;
  std::optional<LookupTable> modality_lut;
  double slope = 1, intercept = 0;  ///< used without a modality LUT
  std::optional<LookupTable> voi_lut;
  std::optional<Window> window;                ///< used without a VOI LUT that is of use
  std::optional<std::pair<int, int>> padding;  ///< stored values that are no picture, inclusive
  bool inverse = false;                        ///< the lowest output is to be shown white
};

/// Stored words to display values, low is dark. Padding becomes 0. Without VOI, or with one that
/// leaves no contrast or burns out much of the picture's middle, the 0.1th to 99.9th percentile is
/// stretched.
/// @param words  CV_16UC1 as stored
/// @param notes  gets a sentence for each such decision
/// @returns CV_16UC1, full range
cv::Mat to_display(const cv::Mat& words, const GreyPipeline& pipeline,
                   std::vector<std::string>& notes);

}  // namespace spine
