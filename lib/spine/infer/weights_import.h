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

/// Tensors of a file of any of the kinds that are read.
struct ForeignWeights {
  std::string format;  ///< "PyTorch checkpoint", "safetensors", "NumPy archive"
  std::map<std::string, torch::Tensor> tensors;
  std::map<std::string, std::string> metadata;  ///< of safetensors
};

/// Told apart by what the file holds, not by its name. @throws Error(weights | unsupported).
ForeignWeights read_foreign_weights(const std::filesystem::path& file);

/// The network that a state dictionary belongs to, told from its names and shapes, as make_network
/// takes it. What no shape tells is as published: heads of 64 channels (TransUNet), input of 256
/// pixels (U-Net, VQGAN). Nullopt: of no known network.
std::optional<nlohmann::json> guess_network(const std::map<std::string, torch::Tensor>& tensors);

struct ImportOptions {
  nlohmann::json network;                      ///< as make_network takes it; null: guess_network
  std::string network_file;                    ///< named in errors
  int input_size = 0;                          ///< overrides the guess; 0: not
  std::vector<std::string> views{"original"};  ///< of one view, as many as the network takes
  double mean = 0, std = 1;                    ///< of InputSpec
  std::vector<std::string> outputs;            ///< empty: L1 ... F2 for eight channels
  bool half = false;                           ///< written in float16
};

/// Reads foreign weights into our network, strictly (every parameter given, none left over, shapes
/// alike), and writes them as our safetensors.
/// @returns the configuration that was used
/// @throws Error(weights | usage | output) naming file and keys.
nlohmann::json import_weights(const std::filesystem::path& file,
                              const std::filesystem::path& output, const ImportOptions& options);

}  // namespace spine
