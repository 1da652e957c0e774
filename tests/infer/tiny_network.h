#pragma once
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "spine/core/input_spec.h"
#include "spine/core/structure.h"
#include "spine/nets/network.h"

namespace spine::test {

/// A TransUNet that trains and runs in milliseconds.
inline nlohmann::json tiny_config() {
  return {{"architecture", "trans_unet"},
          {"input_size", 64},
          {"views", 2},
          {"classes", 8},
          {"resnet", {{"width", 8}, {"blocks", {1, 1, 1}}, {"groups", 4}}},
          {"vit", {{"hidden", 16}, {"mlp", 16}, {"blocks", 1}, {"heads", 2}, {"dropout", 0.1}}},
          {"decoder", {{"head", 8}, {"widths", {8, 8, 8, 8}}}}};
}

/// An autoencoder that does so too.
inline nlohmann::json tiny_vqgan_config(int size) {
  return {{"architecture", "vqgan"},
          {"input_size", size},
          {"channels", 1},
          {"width", 8},
          {"multipliers", {1, 2}},
          {"blocks", 1},
          {"latent", 8},
          {"embed", 4},
          {"codes", 16},
          {"groups", 2},
          {"attention", nlohmann::json::array()}};
}

inline InputSpec tiny_input() {
  InputSpec input;
  input.size = 64;
  input.views = {"original", "clahe"};
  return input;
}

inline std::vector<std::string> structure_names() {
  std::vector<std::string> names;
  for (const Structure s : kStructures) names.emplace_back(to_string(s));
  return names;
}

inline std::shared_ptr<Network> tiny_network(std::uint64_t seed) {
  torch::manual_seed(seed);
  auto network = make_network(tiny_config(), "tiny");
  network->eval();
  return network;
}

}  // namespace spine::test
