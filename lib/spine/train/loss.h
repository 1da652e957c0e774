#pragma once
#include <cstdint>

#include <torch/torch.h>

namespace spine::train {

/// Weights of the loss terms.
struct LossOptions {
  double dice_weight = 1.0;
  double bce_weight = 4.0;  ///< large, as the mean over pixels is dominated by background
};

/// Value and gradient of the segmentation loss.
struct Loss {
  double total = 0, dice = 0, bce = 0;
  torch::Tensor gradient;  ///< of `total` with respect to the logits; same shape and type
};

/// Dice + binary cross-entropy of independent channels (nnU-Net, Isensee et al. 2021, with
/// sigmoid). Soft Dice is computed per channel over the whole batch, then averaged: 1 - (2 sum(p t)
/// + 1) / (sum p + sum t + 1). The gradient is computed in closed form, which saves about a dozen
/// passes of automatic differentiation over full-size maps.
/// @param logits   [N, C, H, W]
/// @param targets  the same shape, float, in [0,1]
Loss segmentation_loss(const torch::Tensor& logits, const torch::Tensor& targets,
                       const LossOptions& options = {});

/// Targets for two channels of the same kind, such as the femoral heads: the channels are exchanged
/// for films whose prediction matches the exchanged targets better. The labels of heads are
/// assigned after the network by position, as they cannot be determined from the film if the heads
/// nearly coincide.
/// @returns targets, or a copy with channels `first` and `second` exchanged in some films
torch::Tensor matched_targets(const torch::Tensor& logits, const torch::Tensor& targets,
                              std::int64_t first, std::int64_t second);

}  // namespace spine::train
