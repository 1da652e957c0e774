#pragma once
#include <cstdint>

#include <torch/torch.h>

namespace spine {

/// What a normalisation does besides, in the same pass over memory.
struct NormOptions {
  bool in_place = false;        ///< write the result over the input
  bool relu = false;            ///< at the end
  torch::Tensor residual = {};  ///< added before that; of the input's shape, or undefined
};

/// Whether group_norm_fused() takes such a map: on the CPU, channels last in memory, float32 or
/// bfloat16, and no gradient is asked for.
bool can_fuse_norm(const torch::Tensor& x);

/// Group normalisation that reads its map once, then reads and writes it once. Sums are of float32
/// over a row of pixels and of float64 beyond, whatever the map's precision is, in an order that
/// does not depend on the number of threads.
/// @param x  [N, C, H, W], as can_fuse_norm() asks for
/// @param weight, bias  [C], float32
/// @returns of x's shape, precision and layout
torch::Tensor group_norm_fused(const torch::Tensor& x, std::int64_t groups,
                               const torch::Tensor& weight, const torch::Tensor& bias, double eps,
                               const NormOptions& options = {});

}  // namespace spine
