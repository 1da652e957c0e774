#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <torch/torch.h>

#include "spine/core/input_spec.h"
#include "spine/nets/network.h"

namespace spine {

/// Parameters and buffers of a network by their dotted names. Batch norms' counters
/// ("num_batches_tracked") are excluded, as they are not used.
std::map<std::string, torch::Tensor> state_of(const torch::nn::Module& network);

/// Copies tensors into the network by name. Every tensor of the network must be given, no other may
/// be present (except batch norms' counters), and shapes must agree; float16 is widened.
/// @param file  named in errors
/// @throws Error(weights) that names the missing, unexpected and mis-shaped keys.
void load_state_strictly(torch::nn::Module& network,
                         const std::map<std::string, torch::Tensor>& tensors,
                         const std::filesystem::path& file);

/// Checks, before a network is built from a file's description of it, that the file holds about as
/// many values.
/// @param where  named in errors
/// @throws Error(weights) for fewer values than its largest layers have; Error(usage) for an
/// invalid architecture.
void require_enough_values(const std::map<std::string, torch::Tensor>& tensors,
                           const nlohmann::json& architecture, const std::string& where);

/// A network with everything needed to run it.
struct LoadedNetwork {
  std::shared_ptr<Network> network;  ///< CPU, float32, evaluation mode, not folded
  InputSpec input;
  std::vector<std::string> outputs;
};

/// Writes a weights file of this toolkit (safetensors). Metadata: "format" = "spine-weights/1";
/// "architecture", "input" and "outputs" as JSON text.
/// @param type  floating-point type of the stored tensors
/// @throws Error(output) naming the file.
void save_network(const std::filesystem::path& file, const Network& network,
                  const std::map<std::string, torch::Tensor>& state, const InputSpec& input,
                  const std::vector<std::string>& outputs, torch::ScalarType type);

/// Reads a weights file of this toolkit and builds its network.
/// @throws Error(weights) naming the file when anything is missing, unknown or contradictory.
LoadedNetwork load_network(const std::filesystem::path& file);

}  // namespace spine
