#include "spine/nets/pen.h"

namespace spine {

Pen::Pen(std::int64_t views, const PenConfig& config) : negative_slope_(config.negative_slope) {
  conv_ = register_module(
      "conv", torch::nn::Conv2d(torch::nn::Conv2dOptions(views, config.channels, 7).padding(3)));
}

torch::Tensor Pen::forward(const torch::Tensor& views) {
  return torch::leaky_relu(conv_(views), negative_slope_);
}

torch::Tensor image_of_views(Pen* pen, const torch::Tensor& views) {
  if (pen != nullptr) return pen->forward(views);
  return views.size(1) == 1 ? views.repeat({1, 3, 1, 1}) : views;
}

}  // namespace spine
