#include "spine/eval/error_stats.h"

#include <algorithm>
#include <cmath>

namespace spine {

namespace {

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
  }
  stats.completed = truth.size();
  if (truth.empty()) return stats;
  stats.mean_absolute = mean(absolute);
  stats.bias = mean(signed_errors);
  stats.median_absolute = *percentile_of(absolute, 50);
  stats.percentile90_absolute = *percentile_of(absolute, 90);
  stats.max_absolute = *percentile_of(absolute, 100);
  if (truth.size() < 2) return stats;
  stats.sd_absolute =
      std::sqrt(co_deviation(absolute, absolute) / static_cast<double>(truth.size() - 1));
  const double spread = co_deviation(truth, truth) * co_deviation(predicted, predicted);
  if (spread > 0) stats.pearson = co_deviation(truth, predicted) / std::sqrt(spread);
  return stats;
}

}  // namespace spine
