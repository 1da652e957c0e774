#pragma once
#include <cstdint>

#include <torch/torch.h>

#include "spine/nets/precision.h"
#include "spine/train/loss.h"
#include "spine/train/shards.h"

namespace spine::train {

/// How the gradient of a segmentation network is computed.
struct SegmentationStepOptions {
  Precision precision = Precision::fp32;
  torch::Device device = torch::kCPU;
  /// Weight of the loss on the coarse features; 0: none. Ignored without a coarse head.
  double coarse_weight = 0;
  /// Whether the femoral heads are assigned as in matched_targets(); the classes are the eight
  /// structures then.
  bool match_heads = false;
};

/// Forward and backward pass of a batch: adds the gradients of segmentation_loss() over the whole
/// batch to those of the network's parameters.
/// @param step     of training, for random numbers
/// @param planes   [N, views, H, W], channels-last
/// @param targets  [N, classes, H, W], float, in [0,1], channels-last
/// @returns the loss, without that on coarse features
LossValue segmentation_gradient(const Shards& shards, std::uint64_t step,
                                const torch::Tensor& planes, const torch::Tensor& targets,
                                const SegmentationStepOptions& options);

}  // namespace spine::train
