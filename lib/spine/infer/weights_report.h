#pragma once
#include <filesystem>
#include <string>

namespace spine {

/// Human-readable description of a weights file: format, SHA-256, network (from the metadata, or
/// inferred from names and shapes), input, and every tensor's name, type and shape.
/// @throws Error(weights | unsupported).
std::string describe_weights(const std::filesystem::path& file);

/// Agreement of a network's logits with recorded ones.
struct Parity {
  double largest_error = 0;   ///< over all logits, relative to the largest recorded magnitude
  double sign_agreement = 1;  ///< fraction of logits with the same sign, hence the same mask
};

/// Compares a network with a recorded result.
/// @param weights  a .safetensors file of this toolkit
/// @param recorded  a .safetensors file of tensors "input" (normalised, as the network takes it)
///                  and "logits"
/// @throws Error(weights) when a file is invalid, or shapes differ.
Parity compare_with_recorded(const std::filesystem::path& weights,
                             const std::filesystem::path& recorded);

/// Loads weights of this toolkit strictly and runs the network once on noise.
/// @throws Error(weights) when the file is invalid, or an output is not finite.
void check_weights(const std::filesystem::path& weights);

}  // namespace spine
