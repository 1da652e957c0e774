#include "spine/eval/moments.h"

#include <algorithm>
#include <cmath>

namespace spine {
namespace {

/// Sum of the products of the deviations from the means.
double co_deviation(const std::vector<double>& a, const std::vector<double>& b) {
  const double mean_a = mean(a), mean_b = mean(b);
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - mean_a) * (b[i] - mean_b);
  return sum;
}

/// Sum of the squared deviations from the mean; 0 where only rounding leaves any.
double deviation_of(const std::vector<double>& values) {
  double largest = 0;
  for (const double v : values) largest = std::max(largest, std::abs(v));
  const double deviation = co_deviation(values, values);
  return deviation <= 1e-28 * largest * largest ? 0 : deviation;
}

}  // namespace

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

double sample_sd(const std::vector<double>& values) {
  if (values.size() < 2) return 0;
  return std::sqrt(co_deviation(values, values) / static_cast<double>(values.size() - 1));
}

std::optional<double> correlation(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() < 2) return std::nullopt;
  const double deviation_a = deviation_of(a), deviation_b = deviation_of(b);
  const double deviation = deviation_a * deviation_b;
  if (!(deviation > 0) || !std::isfinite(deviation)) return std::nullopt;
  return std::clamp(co_deviation(a, b) / std::sqrt(deviation), -1.0, 1.0);
}

std::optional<double> percentile_of(std::vector<double> values, double percent) {
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  const double position = percent / 100 * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(std::floor(position));
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (position - std::floor(position)) * (values[above] - values[below]);
}

}  // namespace spine
