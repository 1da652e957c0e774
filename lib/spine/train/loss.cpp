#include "spine/train/loss.h"

namespace spine::train {

Loss segmentation_loss(const torch::Tensor& logits, const torch::Tensor& targets,
                       const LossOptions& options) {
  const torch::NoGradGuard no_grad;
  const torch::Tensor y = logits.detach().to(torch::kFloat);
  const torch::Tensor p = torch::sigmoid(y);
  const double channels = static_cast<double>(y.size(1));
  const double values = static_cast<double>(y.numel());

  const torch::Tensor overlap = (p * targets).sum({0, 2, 3});
  const torch::Tensor total = p.sum({0, 2, 3}) + targets.sum({0, 2, 3}) + 1.0;
  const torch::Tensor ratio = (2.0 * overlap + 1.0) / total;

  Loss loss;
  loss.dice = 1.0 - ratio.mean().item<double>();
  loss.bce = torch::binary_cross_entropy_with_logits(y, targets).item<double>();
  loss.total = options.dice_weight * loss.dice + options.bce_weight * loss.bce;

  // d dice / d p = -(2 t - ratio) / total / channels; d p / d y = p (1 - p);
  // d bce / d y = (p - t) / values
  const torch::Tensor per_channel = (options.dice_weight / channels / total).reshape({1, -1, 1, 1});
  torch::Tensor gradient = (ratio.reshape({1, -1, 1, 1}) - 2.0 * targets).mul_(per_channel);
  gradient.mul_(p).mul_(1.0 - p);
  gradient.add_(p - targets, options.bce_weight / values);
  loss.gradient = gradient.to(logits.scalar_type());
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
