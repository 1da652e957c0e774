#pragma once
#include <bit>
#include <cstdint>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/sim/rng.h"

// Basic operations on CV_32FC1 fields. Implemented here because those of OpenCV use fused
// multiply-add where available, which would make results depend on the machine.
namespace spine::sim {

/// e^x, relative error below 1e-5, for x in [-87, 87]; plain arithmetic, so that loops vectorise
/// and results are bit-identical on every machine.
inline float fast_exp(float x) {
  constexpr float kLog2E = 1.44269504F, kRound = 12582912.0F;  // 1.5 * 2^23
  x = x < -87.0F ? -87.0F : (x > 87.0F ? 87.0F : x);
  const float scaled = x * kLog2E;
  const float whole = (scaled + kRound) - kRound;
  const float f = (scaled - whole) * 0.693147181F;
  const float p =
      1.0F + f * (1.0F + f * (0.5F + f * (0.166666667F + f * (0.0416666667F + f * 0.00833333F))));
  const auto exponent = static_cast<std::int32_t>(whole) + 127;
  return p * std::bit_cast<float>(static_cast<std::uint32_t>(exponent) << 23U);
}

/// Natural logarithm of a positive normal number, absolute error below 2e-5.
inline float fast_log(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  // Mantissa in [0.75, 1.5), so that x near 1 gives a small result.
  const auto exponent = static_cast<std::int32_t>(bits - 0x3f400000U) >> 23;
  const float m = std::bit_cast<float>(bits - (static_cast<std::uint32_t>(exponent) << 23U));
  const float s = (m - 1.0F) / (m + 1.0F), s2 = s * s;
  const float log_m = 2.0F * s * (1.0F + s2 * (0.333333333F + s2 * (0.2F + s2 * 0.142857143F)));
  return log_m + static_cast<float>(exponent) * 0.693147181F;
}

/// Gaussian blur with replicated borders. Large sigmas work on a coarser grid.
cv::Mat blur(const cv::Mat& field, double sigma_px);

/// Mean over blocks of `factor` x `factor` pixels (the last blocks may be smaller).
cv::Mat shrink(const cv::Mat& field, int factor);

/// Bilinear interpolation to `size` of a field made by shrink(·, factor), or of any grid whose
/// points are the centres of such blocks.
cv::Mat enlarge(const cv::Mat& field, int factor, cv::Size size);

/// Uncorrelated noise, mean 0, variance 1, nearly normal.
cv::Mat white_noise(cv::Size size, Rng& rng);

/// Noise blurred by a Gaussian of `sigma_px`, variance about 1.
cv::Mat smooth_noise(cv::Size size, double sigma_px, Rng& rng);

/// Values at the given fractions (0..1, ascending) of `values`, which is reordered.
std::vector<float> quantiles(std::vector<float>& values, const std::vector<double>& fractions);

}  // namespace spine::sim
