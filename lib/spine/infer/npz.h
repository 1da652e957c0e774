#pragma once
#include <filesystem>
#include <map>
#include <string>

#include <torch/torch.h>

namespace spine {

/// Arrays of NumPy's .npz archive by name (https://numpy.org/doc/stable/reference/generated/
/// numpy.lib.format.html): little-endian float16, float32, float64, int32 and int64, in C order.
/// Together they may take sixteen times the file, small archives more.
/// @throws Error(weights) naming the file, the array and what is wrong.
std::map<std::string, torch::Tensor> read_npz(const std::filesystem::path& file);

}  // namespace spine
