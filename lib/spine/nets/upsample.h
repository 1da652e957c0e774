#pragma once
#include <torch/torch.h>

namespace spine {

/// Upsamples to twice the size, bilinear, corners aligned (nn.UpsamplingBilinear2d of the published
/// code). [N, C, H, W] -> [N, C, 2H, 2W]. The gradient on the CPU has its own kernel, since
/// LibTorch's scatters pixel by pixel and took a quarter of a training step.
torch::Tensor upsample_twice(const torch::Tensor& x);

}  // namespace spine
