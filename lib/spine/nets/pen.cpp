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

void adapt_pen(std::map<std::string, torch::Tensor>& state, const Pen* pen) {
  const std::string prefix = "pen.";
  if (pen == nullptr) {
    std::erase_if(state, [&](const auto& entry) { return entry.first.starts_with(prefix); });
    return;
  }
  for (const auto& parameter : pen->named_parameters()) {
    torch::Tensor& given = state[prefix + parameter.key()];
    if (!given.defined() || given.sizes() != parameter.value().sizes()) {
      given = parameter.value().detach().clone();
    }
  }
}

}  // namespace spine
