#include "spine/nets/upsample.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include <ATen/Parallel.h>

namespace spine {
namespace {

using torch::Tensor;

Tensor interpolate(const Tensor& x) {
  namespace F = torch::nn::functional;
  return F::interpolate(x, F::InterpolateFuncOptions()
                               .size(std::vector<std::int64_t>{2 * x.size(2), 2 * x.size(3)})
                               .mode(torch::kBilinear)
                               .align_corners(true));
}

/// Weights of one source pixel along one axis: it contributes to `count` neighbouring output pixels
/// from `first` on.
struct Taps {
  std::int64_t first = 0, count = 0;
  std::array<float, 6> weight{};
};

/// Transposed interpolation matrix of one axis with n source pixels.
std::vector<Taps> transposed_taps(std::int64_t n) {
  std::vector<Taps> taps(static_cast<std::size_t>(n));
  const std::int64_t out = 2 * n;
  const double step = static_cast<double>(n - 1) / static_cast<double>(out - 1);
  const auto put = [&](std::int64_t source, std::int64_t target, double weight) {
    auto& t = taps[static_cast<std::size_t>(source)];
    if (t.count == 0) t.first = target;
    const std::int64_t i = target - t.first;
    t.weight[static_cast<std::size_t>(i)] += static_cast<float>(weight);
    t.count = std::max(t.count, i + 1);
  };
  for (std::int64_t o = 0; o < out; ++o) {
    const double position = step * static_cast<double>(o);
    const auto low = std::min(static_cast<std::int64_t>(position), n - 1);
    const std::int64_t high = std::min(low + 1, n - 1);
    const double fraction = position - static_cast<double>(low);
    put(low, o, 1 - fraction);
    if (fraction > 0) put(high, o, fraction);
  }
  return taps;
}

/// Channels-last gradient: every input row gathers its output rows, then its output columns.
template <typename T>
void gather_gradient(const T* gradient, T* result, std::int64_t batch, std::int64_t height,
                     std::int64_t width, std::int64_t channels) {
  const auto rows = transposed_taps(height);
  const auto columns = transposed_taps(width);
  const std::int64_t out_row = 2 * width * channels;
  at::parallel_for(0, batch * height, 1, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> line(static_cast<std::size_t>(out_row));
    std::vector<float> sum(static_cast<std::size_t>(channels));
    for (std::int64_t job = begin; job < end; ++job) {
      const auto& row = rows[static_cast<std::size_t>(job % height)];
      const T* source = gradient + (job / height * 2 * height + row.first) * out_row;
      std::fill(line.begin(), line.end(), 0.0F);
      for (std::int64_t k = 0; k < row.count; ++k, source += out_row) {
        const float weight = row.weight[static_cast<std::size_t>(k)];
        float* target = line.data();
        for (std::int64_t i = 0; i < out_row; ++i)
          target[i] += weight * static_cast<float>(source[i]);
      }
      T* target = result + job * width * channels;
      for (std::int64_t x = 0; x < width; ++x, target += channels) {
        const auto& column = columns[static_cast<std::size_t>(x)];
        std::fill(sum.begin(), sum.end(), 0.0F);
        for (std::int64_t k = 0; k < column.count; ++k) {
          const float weight = column.weight[static_cast<std::size_t>(k)];
          const float* from = line.data() + (column.first + k) * channels;
          float* to = sum.data();
          for (std::int64_t c = 0; c < channels; ++c) to[c] += weight * from[c];
        }
        for (std::int64_t c = 0; c < channels; ++c) {
          target[c] = static_cast<T>(sum[static_cast<std::size_t>(c)]);
        }
      }
    }
  });
}

class UpsampleTwice : public torch::autograd::Function<UpsampleTwice> {
 public:
  static Tensor forward(torch::autograd::AutogradContext* /*context*/, const Tensor& x) {
    const at::AutoDispatchBelowADInplaceOrView guard;
    return interpolate(x);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* /*context*/,
                                                 torch::autograd::variable_list gradients) {
    Tensor gradient = gradients[0];
    if (gradient.scalar_type() != torch::kBFloat16) gradient = gradient.to(torch::kFloat);
    gradient = gradient.contiguous(at::MemoryFormat::ChannelsLast);
    const std::int64_t n = gradient.size(0);
    const std::int64_t c = gradient.size(1);
    const std::int64_t h = gradient.size(2) / 2;
    const std::int64_t w = gradient.size(3) / 2;
    Tensor result = torch::empty({n, c, h, w}, gradient.options(), at::MemoryFormat::ChannelsLast);
    if (gradient.scalar_type() == torch::kBFloat16) {
      gather_gradient(gradient.data_ptr<at::BFloat16>(), result.data_ptr<at::BFloat16>(), n, h, w,
                      c);
    } else {
      gather_gradient(gradient.data_ptr<float>(), result.data_ptr<float>(), n, h, w, c);
    }
    return {result};
  }
};

}  // namespace

torch::Tensor upsample_twice(const torch::Tensor& x) {
  const bool own = x.device().is_cpu() && torch::GradMode::is_enabled() && x.requires_grad() &&
                   (x.scalar_type() == torch::kFloat || x.scalar_type() == torch::kBFloat16);
  return own ? UpsampleTwice::apply(x) : interpolate(x);
}

}  // namespace spine
