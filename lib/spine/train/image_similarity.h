#pragma once
#include <torch/torch.h>

namespace spine::train {

// How alike two pictures are: terms of a loss, and figures. Pictures are [N, C, H, W].

/// Mean absolute difference of the horizontal and vertical grey-level steps, at full, half, quarter
/// and eighth resolution, summed. 0 for pictures that differ by a constant.
torch::Tensor gradient_difference(const torch::Tensor& a, const torch::Tensor& b);

/// Structural similarity (Wang et al. 2004, IEEE TIP 13(4)), mean over pixels and films, with a
/// square window of 7 pixels.
/// @param range  of the grey values: 1 for [0,1], 2 for [-1,1]
torch::Tensor structural_similarity(const torch::Tensor& a, const torch::Tensor& b, double range);

/// Peak signal-to-noise ratio in dB over all films; infinity for equal ones.
/// @param range  as above
double peak_signal_to_noise(const torch::Tensor& a, const torch::Tensor& b, double range);

}  // namespace spine::train
