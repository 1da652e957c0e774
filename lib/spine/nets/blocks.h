#pragma once
#include <cstdint>

#include <torch/torch.h>

// Building bricks that more than one network uses. Children carry the names of the published
// PyTorch implementations, so that their checkpoints load by name.
namespace spine {

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
  std::int64_t stride_, padding_;
  bool folded_ = false;
};

/// Group normalisation in float32 whatever its input's precision is, which its output has again:
/// LibTorch 1.13 on the CPU would add up a whole map in bfloat16.
class GroupNorm : public torch::nn::Module {
 public:
  GroupNorm(std::int64_t groups, std::int64_t channels, double eps);
  torch::Tensor forward(const torch::Tensor& x);

 private:
  torch::Tensor weight_, bias_;
  std::int64_t groups_;
  double eps_;
};

/// Convolution ("0"), batch norm ("1"), ReLU. The convolution has no bias of its own.
class ConvBnRelu : public torch::nn::Module {
 public:
  ConvBnRelu(std::int64_t in, std::int64_t out, std::int64_t kernel);
  torch::Tensor forward(const torch::Tensor& x);
  /// Multiplies the batch norm into the convolution.
  void fold();

 private:
  torch::nn::Conv2d conv_{nullptr};
  torch::nn::BatchNorm2d norm_{nullptr};
  torch::Tensor folded_weight_, folded_bias_;
};

}  // namespace spine
