#include "spine/eval/moments.h"

#include <algorithm>
#include <cmath>

namespace spine {
namespace {

/// Sum of products of the deviations from the means.
double product_deviation(const std::vector<double>& a, const std::vector<double>& b) {
  const double mean_a = mean(a), mean_b = mean(b);
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - mean_a) * (b[i] - mean_b);
  return sum;
}

/// Sum of squared deviations from the mean; 0 if within rounding error.
double squared_deviation(const std::vector<double>& values) {
  double largest = 0;
  for (const double v : values) largest = std::max(largest, std::abs(v));
  const double deviation = product_deviation(values, values);
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
  return std::sqrt(product_deviation(values, values) / static_cast<double>(values.size() - 1));
}

std::optional<double> correlation(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() < 2) return std::nullopt;
  const double deviation_a = squared_deviation(a), deviation_b = squared_deviation(b);
  const double product = deviation_a * deviation_b;
  if (!(product > 0) || !std::isfinite(product)) return std::nullopt;
  return std::clamp(product_deviation(a, b) / std::sqrt(product), -1.0, 1.0);
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
