#pragma once
#include <cstdint>

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

}  // namespace spine
