#include "spine/nets/blocks.h"

namespace spine {

StdConv2d::StdConv2d(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride)
    : stride_(stride), padding_(kernel / 2) {
  weight_ = register_parameter("weight", torch::empty({out, in, kernel, kernel}));
  torch::nn::init::kaiming_normal_(weight_, 0.0, torch::kFanOut, torch::kReLU);
}

torch::Tensor StdConv2d::standardised() const {
  const auto [variance, mean] = torch::var_mean(weight_, {1, 2, 3}, /*unbiased=*/false, true);
  return (weight_ - mean) * torch::rsqrt(variance + 1e-5);
}

torch::Tensor StdConv2d::forward(const torch::Tensor& x) {
  return torch::conv2d(x, folded_ ? weight_ : standardised(), {}, stride_, padding_);
}

void StdConv2d::fold() {
  if (folded_) return;
  const torch::NoGradGuard no_grad;
  weight_.copy_(standardised());
  folded_ = true;
}

GroupNorm::GroupNorm(std::int64_t groups, std::int64_t channels, double eps)
    : groups_(groups), eps_(eps) {
  weight_ = register_parameter("weight", torch::ones({channels}));
  bias_ = register_parameter("bias", torch::zeros({channels}));
}

torch::Tensor GroupNorm::forward(const torch::Tensor& x) {
  return torch::group_norm(x.to(torch::kFloat), groups_, weight_, bias_, eps_).to(x.scalar_type());
}

ConvBnRelu::ConvBnRelu(std::int64_t in, std::int64_t out, std::int64_t kernel) {
  conv_ = register_module(
      "0",
      torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, kernel).padding(kernel / 2).bias(false)));
  norm_ = register_module("1", torch::nn::BatchNorm2d(out));
}

torch::Tensor ConvBnRelu::forward(const torch::Tensor& x) {
  if (folded_weight_.defined()) {
    return torch::conv2d(x, folded_weight_, folded_bias_, 1, conv_->weight.size(2) / 2).relu_();
  }
  return norm_(conv_(x)).relu_();
}

void ConvBnRelu::fold() {
  const torch::NoGradGuard no_grad;
  const auto scale = norm_->weight * torch::rsqrt(norm_->running_var + norm_->options.eps());
  folded_weight_ = conv_->weight * scale.reshape({-1, 1, 1, 1});
  folded_bias_ = norm_->bias - norm_->running_mean * scale;
}

}  // namespace spine
