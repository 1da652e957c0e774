#pragma once
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "support/catch.h"
#include <torch/torch.h>

namespace spine::test {

/// Shapes of parameters and buffers by name, without batch norms' counters.
using Shapes = std::map<std::string, std::vector<std::int64_t>>;

inline Shapes shapes_of(const torch::nn::Module& network) {
  Shapes shapes;
  for (const auto& item : network.named_parameters()) shapes[item.key()] = item->sizes().vec();
  for (const auto& item : network.named_buffers()) {
    if (item.key().find("num_batches_tracked") == std::string::npos) {
      shapes[item.key()] = item->sizes().vec();
    }
  }
  return shapes;
}

/// Lines "name shape..." of a file of this folder, written down from the published source.
inline Shapes published_shapes(const std::string& file) {
  std::ifstream in(std::filesystem::path(SPINE_TEST_DATA) / file);
  REQUIRE(in);
  Shapes shapes;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    std::string name;
    words >> name;
    for (std::int64_t n = 0; words >> n;) shapes[name].push_back(n);
  }
  return shapes;
}

inline std::int64_t parameter_count(const torch::nn::Module& network) {
  std::int64_t count = 0;
  for (const auto& parameter : network.parameters()) count += parameter.numel();
  return count;
}

}  // namespace spine::test
