#pragma once
#include <cstdint>

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

/// Truth for two channels that show the same kind of thing, such as the femoral heads: where a
/// film's answer fits the exchanged channels better, that film's targets are exchanged. Which head
/// is which is settled after the network by their places, as no film shows it when they nearly
/// coincide.
/// @returns  targets, or a copy with channels `first` and `second` exchanged in some films
torch::Tensor matched_targets(const torch::Tensor& logits, const torch::Tensor& targets,
                              std::int64_t first, std::int64_t second);

}  // namespace spine::train
