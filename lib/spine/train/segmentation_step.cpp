#include "spine/train/segmentation_step.h"

#include <optional>
#include <utility>
#include <vector>

#include "spine/core/structure.h"

namespace spine::train {
namespace {

using torch::Tensor;

/// The films of one shard between forward and backward pass.
struct Part {
  Tensor logits, coarse;
  std::optional<ShardLoss> loss, side_loss;
};

Part forward(const Shards& shards, std::size_t shard, const Tensor& planes, Tensor targets,
             const SegmentationStepOptions& options) {
  Part part;
  {
    const MixedPrecision mixed(options.precision, options.device);
    const NetworkOutput output = shards.network(shard).forward_features(planes);
    part.logits = output.logits;
    if (options.coarse_weight > 0 && output.coarse.defined()) {
      part.coarse = shards.coarse_head(shard)(output.coarse);
    }
  }
  if (options.match_heads) {
    targets = matched_targets(part.logits, targets, index(Structure::F1), index(Structure::F2));
  }
  part.loss.emplace(part.logits, targets);
  if (part.coarse.defined()) {
    part.side_loss.emplace(part.coarse, torch::avg_pool2d(targets, 8));
  }
  return part;
}

/// The sums of a loss over the batch.
LossSums batch_sums(const std::vector<Part>& parts, std::optional<ShardLoss> Part::*which) {
  std::vector<LossSums> sums;
  for (const Part& part : parts) {
    if (part.*which) sums.push_back((part.*which)->sums());
  }
  return sums.empty() ? LossSums() : sum_of(sums);
}

}  // namespace

LossValue segmentation_gradient(const Shards& shards, std::uint64_t step, const Tensor& planes,
                                const Tensor& targets, const SegmentationStepOptions& options) {
  const std::int64_t films = planes.size(0);
  std::vector<Part> parts(shards.count());
  shards.for_each(step, films, [&](std::size_t i, Slice slice) {
    parts[i] = forward(shards, i, slice.of(planes), slice.of(targets), options);
  });
  const LossSums sums = batch_sums(parts, &Part::loss);
  const LossSums side_sums = batch_sums(parts, &Part::side_loss);
  shards.for_each(step, films, [&](std::size_t i, Slice) {
    const Part part = std::exchange(parts[i], {});
    const Tensor gradient = part.loss->gradient(sums);
    if (part.side_loss) {
      torch::autograd::backward(
          {part.logits, part.coarse},
          {gradient, part.side_loss->gradient(side_sums) * options.coarse_weight});
    } else {
      part.logits.backward(gradient);
    }
  });
  shards.gather(films);
  return loss_value(sums);
}

}  // namespace spine::train
