#pragma once
#include <cstdint>
#include <vector>

#include <torch/torch.h>

namespace spine::train {

/// Weights of the loss terms.
struct LossOptions {
  double dice_weight = 1.0;
  double bce_weight = 4.0;  ///< large, as the mean over pixels is dominated by background
};

/// Value of the segmentation loss.
struct LossValue {
  double total = 0, dice = 0, bce = 0;
};

/// Value and gradient of the segmentation loss.
struct Loss : LossValue {
  torch::Tensor gradient;  ///< of `total` with respect to the logits; same shape and type
};

/// What the segmentation loss of a batch needs of the films of one shard.
struct LossSums {
  torch::Tensor overlap;    ///< [C]: sum of p t
  torch::Tensor total;      ///< [C]: sum of p + t
  double bce = 0;           ///< mean over the values
  std::int64_t values = 0;  ///< number of logits
};

/// The sums of a batch from those of its shards, added in order.
LossSums sum_of(const std::vector<LossSums>& shards);

/// The loss of a batch with these sums; see segmentation_loss().
LossValue loss_value(const LossSums& batch, const LossOptions& options = {});

/// The films of one shard in the segmentation loss of a batch.
class ShardLoss {
 public:
  /// @param logits   [N, C, H, W]
  /// @param targets  the same shape, float, in [0,1]
  ShardLoss(const torch::Tensor& logits, const torch::Tensor& targets);
  [[nodiscard]] const LossSums& sums() const { return sums_; }
  /// The gradient of the batch's loss with respect to the logits; of their shape and type.
  [[nodiscard]] torch::Tensor gradient(const LossSums& batch,
                                       const LossOptions& options = {}) const;

 private:
  torch::ScalarType type_;
  torch::Tensor probabilities_, targets_;
  LossSums sums_;
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
