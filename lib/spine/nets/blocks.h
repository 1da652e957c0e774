#pragma once
#include <cstdint>
#include <utility>

#include <torch/torch.h>

#include "spine/nets/fused_norm.h"

// Building blocks shared by several networks. Child modules have the names of the published PyTorch
// implementations, so that their checkpoints load by name.
namespace spine {

/// torch::conv2d with square filters and same padding. Avoids the slower backend that LibTorch 1.13
/// selects for 1x1 filters on a single thread.
torch::Tensor convolve(const torch::Tensor& x, const torch::Tensor& weight,
                       const torch::Tensor& bias = {}, std::int64_t stride = 1);

/// torch::cat of two maps along their channels. LibTorch 1.13 copies channels-last maps value by
/// value; this function copies pixel by pixel.
torch::Tensor join_channels(const torch::Tensor& a, const torch::Tensor& b);

/// Convolution without bias whose filters are standardised to mean 0, variance 1 before use
/// (weight standardisation, Qiao et al. 2019; variance biased, eps 1e-5).
class StdConv2d : public torch::nn::Module {
 public:
  StdConv2d(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride);
  torch::Tensor forward(const torch::Tensor& x);
  void fold();

 private:
  [[nodiscard]] torch::Tensor standardised() const;
  torch::Tensor weight_;
  std::int64_t stride_;
  bool folded_ = false;
};

/// Group normalisation computed in float32; the output has the input's precision. LibTorch 1.13 on
/// the CPU would accumulate a whole map in bfloat16.
class GroupNorm : public torch::nn::Module {
 public:
  GroupNorm(std::int64_t groups, std::int64_t channels, double eps);
  torch::Tensor forward(const torch::Tensor& x) { return normalise(x, {}); }
  /// relu(forward(x) + residual), written over `x` where no gradient needs it.
  torch::Tensor then_relu(const torch::Tensor& x, const torch::Tensor& residual = {}) {
    return normalise(x, {.in_place = true, .relu = true, .residual = residual});
  }

 private:
  torch::Tensor normalise(const torch::Tensor& x, const NormOptions& options);

  torch::Tensor weight_, bias_;
  std::int64_t groups_;
  double eps_;
};

/// Layer normalisation of the last axis, computed in float32. The output is float32 too, for the
/// residual sums of a transformer.
class LayerNorm : public torch::nn::Module {
 public:
  LayerNorm(std::int64_t channels, double eps);
  torch::Tensor forward(const torch::Tensor& x);

 private:
  torch::Tensor weight_, bias_;
  double eps_;
};

/// A convolution without bias, followed by a batch norm that can be folded into it.
class ConvBn {
 public:
  ConvBn() = default;
  ConvBn(torch::nn::Conv2d conv, torch::nn::BatchNorm2d norm)
      : conv_(std::move(conv)), norm_(std::move(norm)) {}
  torch::Tensor operator()(const torch::Tensor& x);
  void fold();

 private:
  torch::nn::Conv2d conv_{nullptr};
  torch::nn::BatchNorm2d norm_{nullptr};
  torch::Tensor folded_weight_, folded_bias_;
};

/// Convolution ("0"), batch norm ("1"), ReLU. The convolution has no bias of its own.
class ConvBnRelu : public torch::nn::Module {
 public:
  ConvBnRelu(std::int64_t in, std::int64_t out, std::int64_t kernel);
  torch::Tensor forward(const torch::Tensor& x);
  void fold() { conv_.fold(); }

 private:
  ConvBn conv_;
};

/// The feed-forward layers of a transformer block, with GELU between them: features -> hidden ->
/// features.
class Mlp : public torch::nn::Module {
 public:
  Mlp(std::int64_t features, std::int64_t hidden, double dropout);
  torch::Tensor forward(const torch::Tensor& x);

 private:
  torch::nn::Linear fc1_{nullptr}, fc2_{nullptr};
  double dropout_;
};

/// Resamples the vectors of a square grid, row by row, to another grid (bicubic, float32):
/// [n * n, features] -> [to * to, features]. Unchanged where the grid is not square or has that
/// size.
torch::Tensor resampled_grid(const torch::Tensor& vectors, std::int64_t to);

}  // namespace spine
