#include "spine/nets/fused_norm.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include <ATen/Parallel.h>

// Loops compiled for several instruction sets, dispatched at program start. Sanitizers are not
// initialised early enough for the dispatch.
#if defined(__x86_64__) && !defined(SPINE_SANITIZED)
#define SPINE_VECTORISED \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define SPINE_VECTORISED
#endif
#define SPINE_INLINE inline __attribute__((always_inline))

namespace spine {
namespace {

SPINE_INLINE float as_float(float value) { return value; }
SPINE_INLINE float as_float(at::BFloat16 value) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(value.x) << 16U);
}

SPINE_INLINE void put(float value, float& to) { to = value; }
/// Rounds to the nearest, ties to even. Not for NaN.
SPINE_INLINE void put(float value, at::BFloat16& to) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  to.x = static_cast<std::uint16_t>((bits + 0x7FFFU + ((bits >> 16U) & 1U)) >> 16U);
}

/// How each channel is normalised: (value - mean) * scale + bias.
struct Normalisation {
  std::vector<float> mean, scale;
  const float* bias;
};

template <typename T>
SPINE_INLINE void add_pixels(const T* x, std::int64_t pixels, std::int64_t channels,
                             const float* pivot, float* sums, float* squares) {
  for (std::int64_t i = 0; i < pixels; ++i, x += channels) {
    for (std::int64_t c = 0; c < channels; ++c) {
      const float value = as_float(x[c]) - pivot[c];
      sums[c] += value;
      squares[c] += value * value;
    }
  }
}

template <typename T>
SPINE_INLINE void scale_pixels(const T* x, const T* residual, T* to, std::int64_t pixels,
                               std::int64_t channels, const Normalisation& how, float least) {
  const float* const mean = how.mean.data();
  const float* const scale = how.scale.data();
  const float* const bias = how.bias;
  for (std::int64_t i = 0; i < pixels; ++i, x += channels, to += channels) {
    if (residual == nullptr) {
      for (std::int64_t c = 0; c < channels; ++c) {
        put(std::max((as_float(x[c]) - mean[c]) * scale[c] + bias[c], least), to[c]);
      }
    } else {
      for (std::int64_t c = 0; c < channels; ++c) {
        const float sum = (as_float(x[c]) - mean[c]) * scale[c] + bias[c] + as_float(residual[c]);
        put(std::max(sum, least), to[c]);
      }
      residual += channels;
    }
  }
}

SPINE_VECTORISED void add_row(const float* x, std::int64_t pixels, std::int64_t channels,
                              const float* pivot, float* sums, float* squares) {
  add_pixels(x, pixels, channels, pivot, sums, squares);
}
SPINE_VECTORISED void add_row(const at::BFloat16* x, std::int64_t pixels, std::int64_t channels,
                              const float* pivot, float* sums, float* squares) {
  add_pixels(x, pixels, channels, pivot, sums, squares);
}
SPINE_VECTORISED void scale_map(const float* x, const float* residual, float* to,
                                std::int64_t pixels, std::int64_t channels,
                                const Normalisation& how, float least) {
  scale_pixels(x, residual, to, pixels, channels, how, least);
}
SPINE_VECTORISED void scale_map(const at::BFloat16* x, const at::BFloat16* residual,
                                at::BFloat16* to, std::int64_t pixels, std::int64_t channels,
                                const Normalisation& how, float least) {
  scale_pixels(x, residual, to, pixels, channels, how, least);
}

template <typename T>
Normalisation normalisation_of(const T* x, const torch::Tensor& shape, std::int64_t groups,
                               const float* weight, const float* bias, double eps) {
  const std::int64_t channels = shape.size(1), rows = shape.size(2), pixels = shape.size(3);
  const auto count = static_cast<std::size_t>(channels);
  // Values are shifted by the first pixel's, which avoids cancellation in the sums of squares.
  std::vector<float> pivot(count), sums(count), squares(count);
  for (std::size_t c = 0; c < count; ++c) pivot[c] = as_float(x[c]);
  std::vector<double> all_sums(count), all_squares(count);
  for (std::int64_t y = 0; y < rows; ++y, x += pixels * channels) {
    std::fill(sums.begin(), sums.end(), 0.0F);
    std::fill(squares.begin(), squares.end(), 0.0F);
    add_row(x, pixels, channels, pivot.data(), sums.data(), squares.data());
    for (std::size_t c = 0; c < count; ++c) {
      all_sums[c] += static_cast<double>(sums[c]);
      all_squares[c] += static_cast<double>(squares[c]);
    }
  }
  Normalisation result{std::vector<float>(count), std::vector<float>(count), bias};
  const std::size_t width = count / static_cast<std::size_t>(groups);
  const auto each = static_cast<double>(rows * pixels);
  const auto mean_of = [&](std::size_t c) {
    return static_cast<double>(pivot[c]) + all_sums[c] / each;
  };
  for (std::size_t first = 0; first < count; first += width) {
    double mean = 0, variance = 0;
    for (std::size_t c = first; c < first + width; ++c) {
      mean += mean_of(c) / static_cast<double>(width);
    }
    for (std::size_t c = first; c < first + width; ++c) {
      const double own = all_sums[c] / each, apart = mean_of(c) - mean;
      variance += (all_squares[c] / each - own * own + apart * apart) / static_cast<double>(width);
    }
    const double factor = 1 / std::sqrt(std::max(0.0, variance) + eps);
    for (std::size_t c = first; c < first + width; ++c) {
      result.mean[c] = static_cast<float>(mean);
      result.scale[c] = static_cast<float>(factor * static_cast<double>(weight[c]));
    }
  }
  return result;
}

template <typename T>
void normalise(const torch::Tensor& x, torch::Tensor& to, std::int64_t groups,
               const torch::Tensor& weight, const torch::Tensor& bias, double eps, float least,
               const torch::Tensor& residual) {
  const std::int64_t channels = x.size(1), pixels = x.size(2) * x.size(3);
  const T* const data = x.data_ptr<T>();
  T* const target = to.data_ptr<T>();
  const T* const added = residual.defined() ? residual.data_ptr<T>() : nullptr;
  const auto* const weights = weight.data_ptr<float>();
  const auto* const biases = bias.data_ptr<float>();
  at::parallel_for(0, x.size(0), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t n = begin; n < end; ++n) {
      const std::int64_t at = n * pixels * channels;
      const auto how = normalisation_of<T>(data + at, x, groups, weights, biases, eps);
      scale_map(data + at, added == nullptr ? nullptr : added + at, target + at, pixels, channels,
                how, least);
    }
  });
}

bool is_channels_last(const torch::Tensor& x) {
  return x.dim() == 4 && x.is_contiguous(at::MemoryFormat::ChannelsLast);
}

}  // namespace

bool can_fuse_norm(const torch::Tensor& x) {
  return x.device().is_cpu() && is_channels_last(x) &&
         (x.scalar_type() == torch::kFloat || x.scalar_type() == torch::kBFloat16) &&
         !(torch::GradMode::is_enabled() && x.requires_grad());
}

torch::Tensor group_norm_fused(const torch::Tensor& x, std::int64_t groups,
                               const torch::Tensor& weight, const torch::Tensor& bias, double eps,
                               const NormOptions& options) {
  TORCH_CHECK(can_fuse_norm(x) && x.size(1) % groups == 0 && weight.numel() == x.size(1) &&
                  bias.numel() == x.size(1),
              "group norm: expected a map of ", weight.numel(), " channels, found ", x.sizes());
  torch::Tensor added = options.residual;
  if (added.defined()) {
    TORCH_CHECK(added.sizes() == x.sizes(), "group norm: expected a summand of ", x.sizes(),
                ", found ", added.sizes());
    added = added.to(x.scalar_type()).contiguous(at::MemoryFormat::ChannelsLast);
  }
  torch::Tensor to = options.in_place ? x : torch::empty_like(x, at::MemoryFormat::ChannelsLast);
  const float least = options.relu ? 0.0F : -std::numeric_limits<float>::infinity();
  if (x.scalar_type() == torch::kFloat) {
    normalise<float>(x, to, groups, weight, bias, eps, least, added);
  } else {
    normalise<at::BFloat16>(x, to, groups, weight, bias, eps, least, added);
  }
  return to;
}

}  // namespace spine
