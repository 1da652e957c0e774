#include "spine/nets/blocks.h"

#include <cmath>
#include <vector>

#include "spine/nets/random.h"

namespace spine {

torch::Tensor convolve(const torch::Tensor& x, const torch::Tensor& weight,
                       const torch::Tensor& bias, std::int64_t stride) {
  const std::int64_t padding = weight.size(2) / 2;
  if (weight.size(2) == 1 && x.device().is_cpu() && x.scalar_type() == torch::kFloat &&
      at::globalContext().hasMKLDNN() && !torch::GradMode::is_enabled()) {
    return at::mkldnn_convolution(x, weight, bias, {padding, padding}, {stride, stride}, {1, 1}, 1);
  }
  return torch::conv2d(x, weight, bias, stride, padding);
}

torch::Tensor join_channels(const torch::Tensor& a, const torch::Tensor& b) {
  const auto channels_last = [](const torch::Tensor& x) {
    return x.is_contiguous(at::MemoryFormat::ChannelsLast);
  };
  if (!channels_last(a) || !channels_last(b)) return torch::cat({a, b}, 1);
  const auto pixels = [](const torch::Tensor& x) { return x.permute({0, 2, 3, 1}); };
  return torch::cat({pixels(a), pixels(b)}, 3).permute({0, 3, 1, 2});
}

StdConv2d::StdConv2d(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride)
    : stride_(stride) {
  weight_ = register_parameter("weight", torch::empty({out, in, kernel, kernel}));
  torch::nn::init::kaiming_normal_(weight_, 0.0, torch::kFanOut, torch::kReLU);
}

torch::Tensor StdConv2d::standardised() const {
  const auto [variance, mean] = torch::var_mean(weight_, {1, 2, 3}, /*unbiased=*/false, true);
  return (weight_ - mean) * torch::rsqrt(variance + 1e-5);
}

torch::Tensor StdConv2d::forward(const torch::Tensor& x) {
  return convolve(x, folded_ ? weight_ : standardised(), {}, stride_);
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

torch::Tensor GroupNorm::normalise(const torch::Tensor& x, const NormOptions& options) {
  if (can_fuse_norm(x)) return group_norm_fused(x, groups_, weight_, bias_, eps_, options);
  torch::Tensor y =
      torch::group_norm(x.to(torch::kFloat), groups_, weight_, bias_, eps_).to(x.scalar_type());
  if (options.residual.defined()) y.add_(options.residual);
  return options.relu ? y.relu_() : y;
}

LayerNorm::LayerNorm(std::int64_t channels, double eps) : eps_(eps) {
  weight_ = register_parameter("weight", torch::ones({channels}));
  bias_ = register_parameter("bias", torch::zeros({channels}));
}

torch::Tensor LayerNorm::forward(const torch::Tensor& x) {
  return torch::layer_norm(x.to(torch::kFloat), weight_.sizes(), weight_, bias_, eps_);
}

torch::Tensor ConvBn::operator()(const torch::Tensor& x) {
  if (folded_weight_.defined()) {
    return torch::conv2d(x, folded_weight_, folded_bias_, 1, conv_->weight.size(2) / 2);
  }
  return norm_(conv_(x));
}

void ConvBn::fold() {
  const torch::NoGradGuard no_grad;
  const auto scale = norm_->weight * torch::rsqrt(norm_->running_var + norm_->options.eps());
  folded_weight_ = conv_->weight * scale.reshape({-1, 1, 1, 1});
  folded_bias_ = norm_->bias - norm_->running_mean * scale;
}

ConvBnRelu::ConvBnRelu(std::int64_t in, std::int64_t out, std::int64_t kernel) {
  const auto options = torch::nn::Conv2dOptions(in, out, kernel).padding(kernel / 2).bias(false);
  conv_ = {register_module("0", torch::nn::Conv2d(options)),
           register_module("1", torch::nn::BatchNorm2d(out))};
}

torch::Tensor ConvBnRelu::forward(const torch::Tensor& x) { return conv_(x).relu_(); }

Mlp::Mlp(std::int64_t features, std::int64_t hidden, double dropout) : dropout_(dropout) {
  fc1_ = register_module("fc1", torch::nn::Linear(features, hidden));
  fc2_ = register_module("fc2", torch::nn::Linear(hidden, features));
  for (auto& layer : {fc1_, fc2_}) {
    torch::nn::init::xavier_uniform_(layer->weight);
    torch::nn::init::normal_(layer->bias, 0.0, 1e-6);
  }
}

torch::Tensor Mlp::forward(const torch::Tensor& x) {
  const auto y = random_dropout(torch::gelu(fc1_(x)), dropout_, is_training());
  return random_dropout(fc2_(y), dropout_, is_training());
}

torch::Tensor resampled_grid(const torch::Tensor& vectors, std::int64_t to) {
  const auto from =
      static_cast<std::int64_t>(std::lround(std::sqrt(static_cast<double>(vectors.size(0)))));
  if (from == to || from * from != vectors.size(0)) return vectors;
  namespace F = torch::nn::functional;
  const auto grid = vectors.to(torch::kFloat).t().reshape({1, vectors.size(1), from, from});
  const auto resampled = F::interpolate(grid, F::InterpolateFuncOptions()
                                                  .size(std::vector<std::int64_t>{to, to})
                                                  .mode(torch::kBicubic)
                                                  .align_corners(false));
  return resampled.flatten(2).squeeze(0).t().contiguous();
}

}  // namespace spine
