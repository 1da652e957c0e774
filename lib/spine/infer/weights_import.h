#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <torch/torch.h>

#include "spine/core/input_spec.h"

namespace spine {

/// Content of a third-party weights file of any supported format.
struct ForeignWeights {
  std::string format;  ///< "PyTorch checkpoint", "safetensors", "NumPy archive"
  std::map<std::string, torch::Tensor> tensors;
  std::map<std::string, std::string> metadata;  ///< of safetensors
};

/// Reads a weights file; the format is detected from its content, not from its name.
/// @throws Error(weights | unsupported).
ForeignWeights read_foreign_weights(const std::filesystem::path& file);

/// Infers the configuration (as make_network takes it) of the network that a state dictionary
/// belongs to from its names and shapes. Parameters that shapes do not determine have the published
/// values: heads of 64 channels (TransUNet), input of 256 pixels (U-Net, VQGAN). nullopt: unknown
/// network.
std::optional<nlohmann::json> guess_network(const std::map<std::string, torch::Tensor>& tensors);

/// Options of import_weights().
struct ImportOptions {
  nlohmann::json network;                      ///< as make_network takes it; null: guess_network
  std::string network_file;                    ///< named in errors
  int input_size = 0;                          ///< pixels, overrides the inferred one; 0: keep it
  std::vector<std::string> views{"original"};  ///< a single one is repeated for all input planes
  double mean = 0, std = 1;                    ///< of InputSpec
  std::vector<std::string> outputs;            ///< empty: L1 ... F2 for eight channels
  bool half = false;                           ///< write float16
};

/// Converts third-party weights to this toolkit's safetensors format. Strict: every parameter must
/// be present, no other may be, and shapes must agree.
/// @returns the configuration of the network
/// @throws Error(weights | usage | output) naming file and keys.
nlohmann::json import_weights(const std::filesystem::path& file,
                              const std::filesystem::path& output, const ImportOptions& options);

}  // namespace spine
