#pragma once
#include <string>

namespace spine::test {

/// Weights of a tiny network with random values, made when the tests are built.
inline std::string tiny_weights(const std::string& kind) {
  return std::string(SPINE_TINY_WEIGHTS_DIR) + "/" + kind + ".safetensors";
}

}  // namespace spine::test
