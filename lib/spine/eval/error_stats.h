#pragma once
#include <cstddef>
#include <optional>
#include <vector>

namespace spine {

/// A true value and what was found for it; nullopt: nothing was found, or its standard error is not
/// known.
struct ValuePair {
  double truth = 0;
  std::optional<double> predicted;
  std::optional<double> standard_error = std::nullopt;
};

/// How far predictions are off. All but the counts are 0 when nothing was completed; what too few
/// values do not tell is nullopt.
struct ErrorStats {
  std::size_t count = 0;      ///< studies in which the truth has a value
  std::size_t completed = 0;  ///< of these, with a prediction
  double mean_absolute = 0;
  std::optional<double> sd_absolute;  ///< sample SD (n - 1) of the absolute error
  double median_absolute = 0, percentile90_absolute = 0, percentile95_absolute = 0;
  double max_absolute = 0;
  double bias = 0;  ///< mean of predicted - truth
  /// Limits of agreement: bias -/+ 1.96 sample SD of the differences (Bland & Altman 1986,
  /// 10.1016/S0140-6736(86)90837-8).
  std::optional<double> limit_low, limit_high;
  std::size_t with_error = 0;  ///< of the completed, with a standard error
  /// Of these, how many have the truth in their 90 % interval: within 1.645 standard errors.
  std::size_t covered = 0;
  std::optional<double> pearson;  ///< correlation of predicted and truth; none of constant ones
  [[nodiscard]] double completed_fraction() const {
    return count == 0 ? 0 : static_cast<double>(completed) / static_cast<double>(count);
  }
};

ErrorStats summarise(const std::vector<ValuePair>& pairs);

}  // namespace spine
