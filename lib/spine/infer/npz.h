#pragma once
#include <filesystem>
#include <map>
#include <string>

#include <torch/torch.h>

namespace spine {

/// Reads the arrays of a NumPy .npz archive by name: little-endian float16, float32, float64, int32
/// and int64, in C order. Their total size is limited to sixteen times that of the file; small
/// archives may have more. Format:
/// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
/// @throws Error(weights) naming the file, the array and what is wrong.
std::map<std::string, torch::Tensor> read_npz(const std::filesystem::path& file);

}  // namespace spine
