#pragma once
#include <torch/torch.h>

namespace spine::train {

struct LossOptions {
  double dice_weight = 1.0;
  double bce_weight = 4.0;  ///< the mean over pixels is small, as most are plain background
};

/// Value and gradient of the segmentation loss.
struct Loss {
  double total = 0, dice = 0, bce = 0;
  torch::Tensor gradient;  ///< of `total` by the logits, like them in shape and type
};

/// Dice + binary cross-entropy of independent channels (nnU-Net, Isensee et al. 2021, with
/// sigmoid). Dice is soft and taken for every channel over the whole batch, then averaged: 1 - (2
/// sum(p t) + 1) / (sum p + sum t + 1). The gradient is given in closed form, which spares the
/// automatic one a dozen passes over full-size maps.
/// @param logits  [N, C, H, W]
/// @param targets  the same shape, float, in [0,1]
Loss segmentation_loss(const torch::Tensor& logits, const torch::Tensor& targets,
                       const LossOptions& options = {});

}  // namespace spine::train
