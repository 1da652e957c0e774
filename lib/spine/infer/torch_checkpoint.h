#pragma once
#include <filesystem>
#include <map>
#include <string>

#include <torch/torch.h>

namespace spine {

/// Whether a file is a pickle by its first bytes, without a zip archive around it: what torch.save
/// wrote before 1.6, or what pickle.dump writes. A safetensors file whose header has such a length
/// is none.
bool is_bare_pickle(const std::filesystem::path& file);

/// The state dictionary of a PyTorch checkpoint in zip format (torch.save since 1.6): the top
/// dictionary, or the one under "state_dict", "model_state_dict" or "model"; a "module." of
/// DataParallel before every name is taken away. Nothing but tensors is ever built (pickle.h), and
/// each is checked against the bytes that are there.
/// @returns float32, float64, float16, bfloat16 or integer tensors: CPU, contiguous
/// @throws Error(weights) naming the file and what is wrong; Error(unsupported) for a bare pickle.
std::map<std::string, torch::Tensor> read_torch_state(const std::filesystem::path& file);

}  // namespace spine
