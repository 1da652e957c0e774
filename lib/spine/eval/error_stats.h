#pragma once
#include <cstddef>
#include <optional>
#include <vector>

namespace spine {

/// A reference value and its prediction; nullopt: no prediction, or no standard error.
struct ValuePair {
  double truth = 0;
  std::optional<double> predicted;
  std::optional<double> standard_error = std::nullopt;
};

/// Statistics of prediction errors, in the unit of the values. Everything but the counts is 0 if
/// nothing was completed; nullopt if there are too few values.
struct ErrorStats {
  std::size_t count = 0;      ///< studies with a reference value
  std::size_t completed = 0;  ///< of these, studies with a prediction
  double mean_absolute = 0;
  std::optional<double> sd_absolute;  ///< sample SD (n - 1) of the absolute error
  double median_absolute = 0, percentile90_absolute = 0, percentile95_absolute = 0;
  double max_absolute = 0;
  double bias = 0;  ///< mean of predicted - truth
  /// Limits of agreement: bias -/+ 1.96 sample SD of the differences (Bland & Altman 1986,
  /// 10.1016/S0140-6736(86)90837-8).
  std::optional<double> limit_low, limit_high;
  std::size_t with_error = 0;  ///< completed studies with a standard error
  /// Of these, studies whose 90 % interval (1.645 standard errors) contains the reference value.
  std::size_t covered = 0;
  /// Correlation of prediction and reference; nullopt if either is constant.
  std::optional<double> pearson;
  /// completed / count; 0 without studies.
  [[nodiscard]] double completed_fraction() const {
    return count == 0 ? 0 : static_cast<double>(completed) / static_cast<double>(count);
  }
};

/// Computes the statistics of a list of pairs.
ErrorStats summarise(const std::vector<ValuePair>& pairs);

}  // namespace spine
