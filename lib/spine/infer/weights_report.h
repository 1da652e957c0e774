#pragma once
#include <filesystem>
#include <string>

namespace spine {

/// What a weights file is, for a person: format, SHA-256, network (read from our metadata, or told
/// from names and shapes), input, and every tensor's name, type and shape.
/// @throws Error(weights | unsupported).
std::string describe_weights(const std::filesystem::path& file);

/// How a network's answer compares with a recorded one.
struct Parity {
  double largest_error = 0;   ///< over all logits, in shares of the largest recorded one
  double sign_agreement = 1;  ///< share of pixels on the same side of 0, which is what masks show
};

/// @param weights  a .safetensors file of ours
/// @param recorded  a .safetensors file of tensors "input" (normalised, as the network takes it)
///                  and "logits"
/// @throws Error(weights) when one of them is not such, or shapes differ.
Parity compare_with_recorded(const std::filesystem::path& weights,
                             const std::filesystem::path& recorded);

/// Loads our weights strictly and lets the network answer once, to noise.
/// @throws Error(weights) when anything is amiss, or the answer is not finite.
void check_weights(const std::filesystem::path& weights);

}  // namespace spine
