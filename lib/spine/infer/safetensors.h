#pragma once
#include <filesystem>
#include <map>
#include <string>

#include <torch/torch.h>

namespace spine {

/// Content of a .safetensors file: named tensors and string metadata
/// (https://github.com/huggingface/safetensors#format): eight bytes of header length, a JSON
/// header, raw little-endian values.
struct TensorFile {
  std::map<std::string, torch::Tensor> tensors;  ///< CPU, contiguous
  std::map<std::string, std::string> metadata;   ///< "__metadata__"
};

/// Reads F32, F16, BF16, F64 and I64 tensors. Every length and offset of the header is checked
/// against the file before anything is allocated; duplicate names, overlaps and gaps are errors.
/// @throws Error(weights) naming the file, what was expected and what was found.
TensorFile read_safetensors(const std::filesystem::path& file);

/// Writes a file atomically (temporary name, then rename); tensors in the order of their names.
/// @throws Error(output) naming the file; Error(internal) for a type that read_safetensors does not
///         support.
void write_safetensors(const std::filesystem::path& file, const TensorFile& content);

}  // namespace spine
