#pragma once
#include <cstdint>
#include <map>
#include <string>

#include <torch/torch.h>

#include "spine/nets/config.h"

namespace spine {

/// Preprocessing Ensemble Network (PECI-Net, Park et al. 2024): a 7x7 convolution with padding 3
/// over the film's views, then LeakyReLU. [N, views, H, W] -> [N, channels, H, W].
class Pen : public torch::nn::Module {
 public:
  Pen(std::int64_t views, const PenConfig& config);
  torch::Tensor forward(const torch::Tensor& views);

 private:
  torch::nn::Conv2d conv_{nullptr};
  double negative_slope_;
};

/// The image that enters the network: the output of PEN, or without PEN (nullptr) the views
/// themselves, a single one repeated three times.
torch::Tensor image_of_views(Pen* pen, const torch::Tensor& views);

/// For Network::adapt_state: PEN's parameters (under "pen.") in weights of a network with other
/// views. They become those of `pen` where there are none or their shapes differ; without PEN
/// (nullptr) they are removed.
void adapt_pen(std::map<std::string, torch::Tensor>& state, const Pen* pen);

}  // namespace spine
