#include "spine/train/loss.h"

namespace spine::train {

namespace {

/// [C]: soft Dice of every channel.
torch::Tensor dice_of(const LossSums& sums) {
  return (2.0 * sums.overlap + 1.0) / (sums.total + 1.0);
}

}  // namespace

LossSums sum_of(const std::vector<LossSums>& shards) {
  LossSums sum = shards.at(0);
  if (shards.size() == 1) return sum;
  double bce = sum.bce * static_cast<double>(sum.values);
  for (std::size_t i = 1; i < shards.size(); ++i) {
    sum.overlap = sum.overlap + shards[i].overlap;
    sum.total = sum.total + shards[i].total;
    sum.values += shards[i].values;
    bce += shards[i].bce * static_cast<double>(shards[i].values);
  }
  sum.bce = bce / static_cast<double>(sum.values);
  return sum;
}

LossValue loss_value(const LossSums& batch, const LossOptions& options) {
  LossValue value;
  value.dice = 1.0 - dice_of(batch).mean().item<double>();
  value.bce = batch.bce;
  value.total = options.dice_weight * value.dice + options.bce_weight * value.bce;
  return value;
}

ShardLoss::ShardLoss(const torch::Tensor& logits, const torch::Tensor& targets)
    : type_(logits.scalar_type()), targets_(targets) {
  const torch::NoGradGuard no_grad;
  const torch::Tensor y = logits.detach().to(torch::kFloat);
  probabilities_ = torch::sigmoid(y);
  sums_.overlap = (probabilities_ * targets).sum({0, 2, 3});
  sums_.total = probabilities_.sum({0, 2, 3}) + targets.sum({0, 2, 3});
  sums_.bce = torch::binary_cross_entropy_with_logits(y, targets).item<double>();
  sums_.values = y.numel();
}

torch::Tensor ShardLoss::gradient(const LossSums& batch, const LossOptions& options) const {
  const torch::NoGradGuard no_grad;
  const double channels = static_cast<double>(probabilities_.size(1));
  const torch::Tensor& p = probabilities_;
  // d dice / d p = -(2 t - ratio) / total / channels; d p / d y = p (1 - p);
  // d bce / d y = (p - t) / values
  const torch::Tensor per_channel =
      (options.dice_weight / channels / (batch.total + 1.0)).reshape({1, -1, 1, 1});
  torch::Tensor gradient =
      (dice_of(batch).reshape({1, -1, 1, 1}) - 2.0 * targets_).mul_(per_channel);
  gradient.mul_(p).mul_(1.0 - p);
  gradient.add_(p - targets_, options.bce_weight / static_cast<double>(batch.values));
  return gradient.to(type_);
}

Loss segmentation_loss(const torch::Tensor& logits, const torch::Tensor& targets,
                       const LossOptions& options) {
  const ShardLoss shard(logits, targets);
  Loss loss;
  static_cast<LossValue&>(loss) = loss_value(shard.sums(), options);
  loss.gradient = shard.gradient(shard.sums(), options);
  return loss;
}

torch::Tensor matched_targets(const torch::Tensor& logits, const torch::Tensor& targets,
                              std::int64_t first, std::int64_t second) {
  const torch::NoGradGuard no_grad;
  const torch::Tensor p = torch::sigmoid(logits.detach().to(torch::kFloat));
  // Squared distances to the exchanged targets minus those to the targets, halved.
  const torch::Tensor gain = ((p.select(1, first) - p.select(1, second)) *
                              (targets.select(1, first) - targets.select(1, second)))
                                 .sum({1, 2});
  const torch::Tensor exchanged = (gain < 0).reshape({-1, 1, 1});
  torch::Tensor result = targets.clone(at::MemoryFormat::Preserve);
  result.select(1, first).copy_(
      torch::where(exchanged, targets.select(1, second), targets.select(1, first)));
  result.select(1, second).copy_(
      torch::where(exchanged, targets.select(1, first), targets.select(1, second)));
  return result;
}

}  // namespace spine::train
