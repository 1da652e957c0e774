#pragma once
#include <string>

#include <torch/torch.h>

namespace spine {

/// "auto", "cpu", "cuda" or "cuda:N" to a device that is there.
/// @throws Error(usage) for another word, or CUDA where there is none.
torch::Device choose_device(const std::string& name);

/// Threads of the network's operators in this process; 0: as many as it may use processors.
void set_network_threads(int threads);

/// Lays 4-d parameters out channels-last, which convolutions on processors and tensor cores like
/// best; inputs must follow.
void use_channels_last(torch::nn::Module& network);

}  // namespace spine
