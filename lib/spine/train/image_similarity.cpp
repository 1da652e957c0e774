#include "spine/train/image_similarity.h"

#include <cmath>
#include <limits>

namespace spine::train {

using torch::Tensor;

Tensor gradient_difference(const Tensor& a, const Tensor& b) {
  Tensor difference = a - b;
  Tensor sum = torch::zeros({}, a.options());
  for (int scale = 0; scale < 4; ++scale) {
    if (scale > 0) difference = torch::avg_pool2d(difference, 2);
    sum = sum + difference.diff(1, 3).abs().mean() + difference.diff(1, 2).abs().mean();
  }
  return sum;
}

Tensor structural_similarity(const Tensor& a, const Tensor& b, double range) {
  constexpr int kWindow = 7;
  const auto mean = [](const Tensor& x) { return torch::avg_pool2d(x, kWindow, 1); };
  const double c1 = 1e-4 * range * range;
  const double c2 = 9e-4 * range * range;
  const Tensor mean_a = mean(a);
  const Tensor mean_b = mean(b);
  const Tensor variance_a = mean(a * a) - mean_a * mean_a;
  const Tensor variance_b = mean(b * b) - mean_b * mean_b;
  const Tensor covariance = mean(a * b) - mean_a * mean_b;
  const Tensor luminance = (2 * mean_a * mean_b + c1) / (mean_a * mean_a + mean_b * mean_b + c1);
  const Tensor structure = (2 * covariance + c2) / (variance_a + variance_b + c2);
  return (luminance * structure).mean();
}

double peak_signal_to_noise(const Tensor& a, const Tensor& b, double range) {
  const double error = (a - b).to(torch::kDouble).square().mean().item<double>();
  if (error <= 0) return std::numeric_limits<double>::infinity();
  return 10 * std::log10(range * range / error);
}

}  // namespace spine::train
