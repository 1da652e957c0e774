#pragma once
#include <string>

#include <torch/torch.h>

namespace spine {

/// Selects an available device: "auto", "cpu", "cuda" or "cuda:N".
/// @throws Error(usage) for another name, or for a CUDA device that is not available.
torch::Device choose_device(const std::string& name);

/// Sets the number of threads of the network's operators in this process; 0: all available
/// processors.
void set_network_threads(int threads);

/// Converts 4-d parameters to channels-last layout, the fastest for convolutions on CPUs and tensor
/// cores; inputs must have the same layout.
void use_channels_last(torch::nn::Module& network);

}  // namespace spine
