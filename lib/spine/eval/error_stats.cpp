#include "spine/eval/error_stats.h"

#include <algorithm>
#include <cmath>

namespace spine {

namespace {

constexpr double kWithin90 = 1.645;  // standard errors that hold 90 % of a normal law

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

/// Sum of the products of the deviations from the means.
double co_deviation(const std::vector<double>& a, const std::vector<double>& b) {
  const double mean_a = mean(a), mean_b = mean(b);
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - mean_a) * (b[i] - mean_b);
  return sum;
}

}  // namespace

std::optional<double> percentile_of(std::vector<double> values, double percent) {
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  const double position = percent / 100 * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(std::floor(position));
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (position - std::floor(position)) * (values[above] - values[below]);
}

ErrorStats summarise(const std::vector<ValuePair>& pairs) {
  ErrorStats stats;
  stats.count = pairs.size();
  std::vector<double> truth, predicted, absolute, signed_errors;
  for (const auto& pair : pairs) {
    if (!pair.predicted) continue;
    truth.push_back(pair.truth);
    predicted.push_back(*pair.predicted);
    signed_errors.push_back(*pair.predicted - pair.truth);
    absolute.push_back(std::abs(signed_errors.back()));
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
  stats.limit_low = stats.limit_high = stats.bias;
  if (truth.size() < 2) return stats;
  const auto sample_sd = [](const std::vector<double>& values) {
    return std::sqrt(co_deviation(values, values) / static_cast<double>(values.size() - 1));
  };
  stats.sd_absolute = sample_sd(absolute);
  constexpr double kNormal95 = 1.96;
  stats.limit_low = stats.bias - kNormal95 * sample_sd(signed_errors);
  stats.limit_high = stats.bias + kNormal95 * sample_sd(signed_errors);
  const double spread = co_deviation(truth, truth) * co_deviation(predicted, predicted);
  if (spread > 0) stats.pearson = co_deviation(truth, predicted) / std::sqrt(spread);
  return stats;
}

}  // namespace spine
