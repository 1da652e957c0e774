#include "spine/io/dicom_grey.h"

#include <algorithm>
#include <cmath>

namespace spine {
namespace {

constexpr std::size_t kWords = 65536;

/// What happens to a word does not depend on its place, so everything is computed per word value.
class Table {
 public:
  Table(const cv::Mat& words, const GreyPipeline& pipeline)
      : pipeline_(pipeline), counts_(kWords, 0), modality_(kWords), padding_(kWords, false) {
    for (int y = 0; y < words.rows; ++y) {
      const auto* word = words.ptr<std::uint16_t>(y);
      for (int x = 0; x < words.cols; ++x) ++counts_[word[x]];
    }
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

  /// Whether the picture shows more than one of the display values.
  [[nodiscard]] bool has_contrast(const std::vector<std::uint16_t>& display) const {
    std::optional<std::uint16_t> first;
    for (std::size_t i = 0; i < kWords; ++i) {
      if (counts_[i] == 0 || padding_[i]) continue;
      if (!first) first = display[i];
      if (display[i] != *first) return true;
    }
    return false;
  }

  /// Modality values at the given shares of the picture.
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
  const GreyPipeline& pipeline_;
  std::vector<std::size_t> counts_;
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

cv::Mat to_display(const cv::Mat& words, const GreyPipeline& pipeline,
                   std::vector<std::string>& notes) {
  const Table table(words, pipeline);
  std::vector<std::uint16_t> display;
  if (pipeline.voi_lut) {
    const double largest = (1 << pipeline.voi_lut->bits) - 1;
    display =
        table.display([&](double v) { return std::min(1.0, pipeline.voi_lut->at(v) / largest); });
  } else if (pipeline.window) {
    display = table.display([&](double v) { return pipeline.window->at(v); });
  }
  if (display.empty() || !table.has_contrast(display)) {
    const bool had_voi = !display.empty();
    const auto [low, high] = table.percentiles(0.001, 0.999);
    const double range = high > low ? high - low : 1;
    const double start = low;
    display = table.display([&](double v) { return std::clamp((v - start) / range, 0.0, 1.0); });
    notes.emplace_back(
        std::string(had_voi ? "the file's window leaves no contrast" : "no window in the file") +
        ": the 0.1th to 99.9th percentile was stretched");
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
