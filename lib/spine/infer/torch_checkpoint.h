#pragma once
#include <filesystem>
#include <map>
#include <string>

#include <torch/torch.h>

namespace spine {

/// Whether a file is a bare pickle by its first bytes, without a zip archive around it, as written
/// by torch.save before 1.6 and by pickle.dump. Safetensors files whose header length has the same
/// first bytes are recognised as such.
bool is_bare_pickle(const std::filesystem::path& file);

/// Reads the state dictionary of a PyTorch checkpoint in zip format (torch.save since 1.6): the top
/// dictionary, or the one under "state_dict", "model_state_dict" or "model"; the prefix
/// "module." of DataParallel is removed from names. Only tensors are built (pickle.h), each checked
/// against the size of its storage.
/// @returns float32, float64, float16, bfloat16 or integer tensors: CPU, contiguous
/// @throws Error(weights) naming the file and what is wrong; Error(unsupported) for a bare pickle.
std::map<std::string, torch::Tensor> read_torch_state(const std::filesystem::path& file);

}  // namespace spine
