#pragma once
#include <cstdint>

#include <torch/torch.h>

namespace spine {

/// Operations fused with a normalisation in the same pass over memory.
struct NormOptions {
  bool in_place = false;        ///< overwrite the input
  bool relu = false;            ///< applied last
  torch::Tensor residual = {};  ///< added before the ReLU; of the input's shape, or undefined
};

/// Whether group_norm_fused() supports a map: on the CPU, channels-last in memory, float32 or
/// bfloat16, no gradient required.
bool can_fuse_norm(const torch::Tensor& x);

/// Group normalisation in two passes over memory: one reads the map, one reads and writes it. Sums
/// are float32 over a row of pixels and float64 beyond, whatever the map's precision, in an order
/// that does not depend on the number of threads.
/// @param x  [N, C, H, W], as required by can_fuse_norm()
/// @param weight, bias  [C], float32
/// @returns of x's shape, precision and layout
torch::Tensor group_norm_fused(const torch::Tensor& x, std::int64_t groups,
                               const torch::Tensor& weight, const torch::Tensor& bias, double eps,
                               const NormOptions& options = {});

}  // namespace spine
