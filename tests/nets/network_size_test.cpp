#include "spine/nets/network_size.h"

#include <filesystem>
#include <fstream>

#include "support/catch.h"

#include "spine/core/error.h"
#include "spine/nets/network.h"

using namespace spine;

namespace {

std::int64_t parameters_of(const torch::nn::Module& network) {
  std::int64_t count = 0;
  for (const auto& parameter : network.parameters()) count += parameter.numel();
  return count;
}

}  // namespace

TEST_CASE("The lower bound on parameters holds for every network and is tight") {
  for (const auto& entry : std::filesystem::directory_iterator(SPINE_CONFIGS)) {
    const std::string name = entry.path().filename().string();
    if (name.find("small") == std::string::npos) continue;  // the others take seconds to build
    INFO(name);
    std::ifstream in(entry.path());
    const nlohmann::json config = nlohmann::json::parse(in);
    const std::int64_t fewest = fewest_parameters(config, name);
    const std::int64_t held = parameters_of(*make_network(config, name));
    CHECK(fewest <= held);
    CHECK(fewest > held / 10);
  }
}

TEST_CASE("Huge networks are sized without building them") {
  const nlohmann::json config = {{"architecture", "trans_unet"},
                                 {"vit", {{"hidden", 8192}, {"mlp", 65536}, {"blocks", 100}}}};
  CHECK_THROWS_AS(fewest_parameters(config, "heads do not divide"), Error);
  nlohmann::json divided = config;
  divided["vit"]["heads"] = 16;
  CHECK(fewest_parameters(divided, "net.json") > 100'000'000'000);
  CHECK(fewest_parameters({{"architecture", "vqgan"}, {"codes", 1 << 20}, {"embed", 4096}}, "x") >
        4'000'000'000);
  CHECK(fewest_parameters({{"architecture", "other"}}, "x") == 0);
}
