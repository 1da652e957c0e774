#pragma once
#include <cstddef>
#include <optional>
#include <vector>

namespace spine {

/// Percentile of values by linear interpolation between closest ranks; nullopt for none.
std::optional<double> percentile_of(std::vector<double> values, double percent);

/// A true value and what was found for it; nullopt: nothing was found.
struct ValuePair {
  double truth = 0;
  std::optional<double> predicted;
};

/// How far predictions are off. All but the counts are 0 when nothing was completed.
struct ErrorStats {
  std::size_t count = 0;                      ///< studies in which the truth has a value
  std::size_t completed = 0;                  ///< of these, with a prediction
  double mean_absolute = 0, sd_absolute = 0;  ///< sample SD (n - 1) of the absolute error
  double median_absolute = 0, percentile90_absolute = 0, max_absolute = 0;
  double bias = 0;     ///< mean of predicted - truth
  double pearson = 0;  ///< correlation of predicted and truth; 0 for fewer than 2 or constant ones
  [[nodiscard]] double completed_fraction() const {
    return count == 0 ? 0 : static_cast<double>(completed) / static_cast<double>(count);
  }
};

ErrorStats summarise(const std::vector<ValuePair>& pairs);

}  // namespace spine
