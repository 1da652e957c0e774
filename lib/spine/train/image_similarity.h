#pragma once
#include <torch/torch.h>

namespace spine::train {

// Image similarity: loss terms and metrics. Images are [N, C, H, W].

/// Mean absolute difference of horizontal and vertical finite differences, at full, half, quarter
/// and eighth resolution, summed. 0 for images that differ by a constant.
torch::Tensor gradient_difference(const torch::Tensor& a, const torch::Tensor& b);

/// Structural similarity (Wang et al. 2004, IEEE TIP 13(4)), averaged over pixels and images, with
/// a square window of 7 pixels.
/// @param range  range of grey values: 1 for [0,1], 2 for [-1,1]
torch::Tensor structural_similarity(const torch::Tensor& a, const torch::Tensor& b, double range);

/// Peak signal-to-noise ratio in dB over all images; infinity if equal.
/// @param range  as above
double peak_signal_to_noise(const torch::Tensor& a, const torch::Tensor& b, double range);

}  // namespace spine::train
