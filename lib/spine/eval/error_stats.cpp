#include "spine/eval/error_stats.h"

#include <cmath>
#include <limits>

#include "spine/core/statistics.h"
#include "spine/eval/moments.h"

namespace spine {

namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

}  // namespace

ErrorStats summarise(const std::vector<ValuePair>& pairs) {
  ErrorStats stats;
  stats.count = pairs.size();
  std::vector<double> truth, predicted, absolute, signed_errors;
  for (const auto& pair : pairs) {
    const double error = pair.predicted.value_or(kUnknown) - pair.truth;
    if (!std::isfinite(error)) continue;
    truth.push_back(pair.truth);
    predicted.push_back(*pair.predicted);
    signed_errors.push_back(error);
    absolute.push_back(std::abs(error));
    if (!pair.standard_error) continue;
    ++stats.with_error;
    if (absolute.back() <= kWithin90 * *pair.standard_error) ++stats.covered;
  }
  stats.completed = truth.size();
  if (truth.empty()) return stats;
  stats.mean_absolute = mean(absolute);
  stats.bias = mean(signed_errors);
  stats.median_absolute = *percentile_of(absolute, 50);
  stats.percentile90_absolute = *percentile_of(absolute, 90);
  stats.percentile95_absolute = *percentile_of(absolute, 95);
  stats.max_absolute = *percentile_of(absolute, 100);
  if (truth.size() < 2) return stats;
  stats.sd_absolute = sample_sd(absolute);
  constexpr double kNormal95 = 1.96;
  stats.limit_low = stats.bias - kNormal95 * sample_sd(signed_errors);
  stats.limit_high = stats.bias + kNormal95 * sample_sd(signed_errors);
  stats.pearson = correlation(truth, predicted);
  return stats;
}

}  // namespace spine
