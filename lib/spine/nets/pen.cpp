#include "spine/nets/pen.h"

namespace spine {

Pen::Pen(std::int64_t views, const PenConfig& config) : negative_slope_(config.negative_slope) {
  conv_ = register_module(
      "conv", torch::nn::Conv2d(torch::nn::Conv2dOptions(views, config.channels, 7).padding(3)));
}

torch::Tensor Pen::forward(const torch::Tensor& views) {
  return torch::leaky_relu(conv_(views), negative_slope_);
}

}  // namespace spine
