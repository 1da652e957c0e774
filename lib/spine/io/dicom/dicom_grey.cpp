#include "spine/io/dicom/dicom_grey.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace spine {
namespace {

constexpr std::size_t kWords = 65536;

/// A window that clips more than this fraction of the image centre to black or white is not used:
/// on simulated films angles change by less than 0.5 degrees up to 0.32, and by 10 to 15 degrees at
/// 0.38. Air, which windows of archives usually clip, lies outside the centre.
constexpr double kMaxClipped = 0.3;

/// Central half of the width and four fifths of the height, where a lateral film shows the spine.
cv::Rect middle_of(cv::Size size) {
  return {size.width / 4, size.height / 10, size.width - 2 * (size.width / 4),
          size.height - 2 * (size.height / 10)};
}

std::vector<std::size_t> counted(const cv::Mat& words) {
  std::vector<std::size_t> counts(kWords, 0);
  for (int y = 0; y < words.rows; ++y) {
    const auto* word = words.ptr<std::uint16_t>(y);
    for (int x = 0; x < words.cols; ++x) ++counts[word[x]];
  }
  return counts;
}

/// Lookup by word: the transform of a word does not depend on its position.
class Table {
 public:
  Table(const cv::Mat& words, const GreyPipeline& pipeline)
      : pipeline_(pipeline),
        counts_(counted(words)),
        middle_(counted(words(middle_of(words.size())))),
        modality_(kWords),
        padding_(kWords, false) {
    for (std::size_t i = 0; i < kWords; ++i) {
      const int stored = pipeline.format.value(static_cast<std::uint16_t>(i));
      padding_[i] = pipeline.padding && stored >= pipeline.padding->first &&
                    stored <= pipeline.padding->second;
      modality_[i] = pipeline.modality_lut ? pipeline.modality_lut->at(stored)
                                           : pipeline.slope * stored + pipeline.intercept;
    }
  }

  /// Display value of each word, by a function from modality values to [0, 1].
  template <typename Function>
  [[nodiscard]] std::vector<std::uint16_t> display(Function&& function) const {
    std::vector<std::uint16_t> out(kWords, 0);
    for (std::size_t i = 0; i < kWords; ++i) {
      if (padding_[i]) continue;
      const double level = function(modality_[i]);
      out[i] = cv::saturate_cast<std::uint16_t>(65535.0 * (pipeline_.inverse ? 1 - level : level));
    }
    return out;
  }

  /// Whether the image contains more than one display value.
  [[nodiscard]] bool has_contrast(const std::vector<std::uint16_t>& display) const {
    std::optional<std::uint16_t> first;
    for (std::size_t i = 0; i < kWords; ++i) {
      if (counts_[i] == 0 || padding_[i]) continue;
      if (!first) first = display[i];
      if (display[i] != *first) return true;
    }
    return false;
  }

  /// Fraction of the image centre that is clipped to black or white although the stored values are
  /// not at their own limits (a saturated detector or a shutter does not count).
  [[nodiscard]] double clipped_fraction(const std::vector<std::uint16_t>& display) const {
    Ends<double> values;
    Ends<double> levels;
    for (std::size_t i = 0; i < kWords; ++i) {
      if (counts_[i] == 0 || padding_[i]) continue;
      values.take(modality_[i]);
      levels.take(display[i]);
    }
    std::size_t clipped = 0, total = 0;
    for (std::size_t i = 0; i < kWords; ++i) {
      if (middle_[i] == 0 || padding_[i] || values.is_end(modality_[i])) continue;
      total += middle_[i];
      if (levels.is_end(display[i])) clipped += middle_[i];
    }
    return total == 0 ? 0 : static_cast<double>(clipped) / static_cast<double>(total);
  }

  /// Modality values at two quantiles of the image.
  [[nodiscard]] std::pair<double, double> percentiles(double low, double high) const {
    std::vector<std::pair<double, std::size_t>> seen;
    std::size_t total = 0;
    for (std::size_t i = 0; i < kWords; ++i) {
      if (counts_[i] == 0 || padding_[i]) continue;
      seen.emplace_back(modality_[i], counts_[i]);
      total += counts_[i];
    }
    std::sort(seen.begin(), seen.end());
    const auto at = [&](double share) {
      double left = share * static_cast<double>(total);
      for (const auto& [value, count] : seen) {
        left -= static_cast<double>(count);
        if (left < 0) return value;
      }
      return seen.empty() ? 0.0 : seen.back().first;
    };
    return {at(low), at(high)};
  }

 private:
  /// The smallest and largest values present.
  template <typename T>
  struct Ends {
    T least = std::numeric_limits<T>::max(), largest = std::numeric_limits<T>::lowest();

    void take(T value) {
      least = std::min(least, value);
      largest = std::max(largest, value);
    }
    /// Within 0.5 % of the range from either end.
    [[nodiscard]] bool is_end(T value) const {
      const T near = (largest - least) / 200;
      return value <= least + near || value >= largest - near;
    }
  };

  const GreyPipeline& pipeline_;
  std::vector<std::size_t> counts_, middle_;  ///< of each word, in the image and in its centre
  std::vector<double> modality_;
  std::vector<bool> padding_;
};

}  // namespace

int StoredFormat::value(std::uint16_t word) const {
  const int low_bit = std::max(0, high_bit + 1 - bits_stored);
  const int mask = (1 << bits_stored) - 1;
  const int value = (word >> low_bit) & mask;
  const int sign = 1 << (bits_stored - 1);
  return is_signed && (value & sign) != 0 ? value - (1 << bits_stored) : value;
}

double LookupTable::at(double input) const {
  if (data.empty()) return 0;
  const double index =
      std::clamp(std::round(input) - first, 0.0, static_cast<double>(data.size() - 1));
  return data[static_cast<std::size_t>(index)];
}

double Window::at(double input) const {
  switch (function) {
    case WindowFunction::linear: {
      const double half = (width - 1) / 2;
      const double middle = center - 0.5;
      if (input <= middle - half) return 0;
      if (input > middle + half) return 1;
      return (input - middle) / (width - 1) + 0.5;
    }
    case WindowFunction::linear_exact:
      return std::clamp((input - center) / width + 0.5, 0.0, 1.0);
    case WindowFunction::sigmoid:
      return 1 / (1 + std::exp(-4 * (input - center) / width));
  }
  return 0;
}

namespace {

/// Why a transform for display is not used; nullopt: it is used.
std::optional<std::string> refusal(const Table& table, const std::vector<std::uint16_t>& display) {
  if (!table.has_contrast(display)) return "leaves no contrast";
  const double clipped = table.clipped_fraction(display);
  if (clipped <= kMaxClipped) return std::nullopt;
  return "clips " + std::to_string(static_cast<int>(std::lround(100 * clipped))) +
         " % of the image centre";
}

/// White level of a VOI LUT: the largest entry that its bits allow, or the largest entry present if
/// the declared bits exceed the used ones (many files declare 16).
double white_of(const LookupTable& table) {
  const int allowed = (1 << table.bits) - 1;
  const auto found = std::max_element(table.data.begin(), table.data.end());
  const int largest = found == table.data.end() ? 0 : *found;
  return largest > 0 && 2 * largest <= allowed ? largest : allowed;
}

/// By the file's VOI LUT, otherwise its window; empty if neither is usable, with a note.
std::vector<std::uint16_t> display_by_file(const Table& table, const GreyPipeline& pipeline,
                                           std::string& why_not) {
  why_not = "no window in the file";
  if (pipeline.voi_lut) {
    const double white = white_of(*pipeline.voi_lut);
    auto display =
        table.display([&](double v) { return std::min(1.0, pipeline.voi_lut->at(v) / white); });
    const auto refused = refusal(table, display);
    if (!refused) return display;
    why_not = "the file's VOI LUT " + *refused;
  }
  if (pipeline.window) {
    auto display = table.display([&](double v) { return pipeline.window->at(v); });
    const auto refused = refusal(table, display);
    if (!refused) return display;
    why_not = "the file's window " + *refused;
  }
  return {};
}

}  // namespace

cv::Mat to_display(const cv::Mat& words, const GreyPipeline& pipeline,
                   std::vector<std::string>& notes) {
  const Table table(words, pipeline);
  std::string why_not;
  std::vector<std::uint16_t> display = display_by_file(table, pipeline, why_not);
  if (display.empty()) {
    const auto [low, high] = table.percentiles(0.001, 0.999);
    const double range = high > low ? high - low : 1;
    const double start = low;
    display = table.display([&](double v) { return std::clamp((v - start) / range, 0.0, 1.0); });
    notes.emplace_back(why_not + ": the 0.1th to 99.9th percentile was stretched");
  }
  cv::Mat out(words.size(), CV_16UC1);
  for (int y = 0; y < words.rows; ++y) {
    const auto* word = words.ptr<std::uint16_t>(y);
    auto* shown = out.ptr<std::uint16_t>(y);
    for (int x = 0; x < words.cols; ++x) shown[x] = display[word[x]];
  }
  return out;
}

}  // namespace spine
