#include "spine/nets/endplate_net.h"

#include "support/catch.h"

#include "spine/core/error.h"

using namespace spine;
using torch::Tensor;

namespace {

EndplateNetConfig tiny() {
  EndplateNetConfig config;
  config.input_size = 32;
  config.stem_width = 8;
  config.widths = {8, 8, 16};
  config.norm_groups = 4;
  return config;
}

std::string endplate_net_error(const nlohmann::json& json) {
  try {
    endplate_net_config(json, "net.json");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("Outputs are computed from the maps") {
  torch::manual_seed(2);
  EndplateNet network(tiny());
  const torch::NoGradGuard no_grad;
  const auto maps = network.forward_maps(torch::randn({3, 1, 32, 32}));
  REQUIRE(maps.answer.sizes() == torch::IntArrayRef({3, 7}));
  REQUIRE(maps.course.sizes() == torch::IntArrayRef({3, 16, 16}));
  REQUIRE(maps.ends.sizes() == torch::IntArrayRef({3, 2, 16, 16}));
  // Probabilities of rows in each column, and of end positions.
  CHECK(torch::allclose(maps.course.exp().sum(1), torch::ones({3, 16}), 1e-4, 1e-5));
  CHECK(torch::allclose(maps.ends.exp().sum({2, 3}), torch::ones({3, 2}), 1e-4, 1e-5));
  // The ends are the expectations of their maps.
  const Tensor middles = (torch::arange(16) + 0.5) / 16 - 0.5;
  const Tensor across = (maps.ends.exp().sum(2) * middles).sum(-1);
  CHECK(torch::allclose(across, maps.answer.slice(1, 0, 2), 1e-4, 1e-5));
  CHECK(torch::isfinite(maps.answer).all().item<bool>());
}

TEST_CASE("Outputs are finite on flat windows and do not depend on the batch") {
  torch::manual_seed(2);
  EndplateNet network(tiny());
  const torch::NoGradGuard no_grad;
  CHECK(torch::isfinite(network.forward(torch::zeros({1, 1, 32, 32}))).all().item<bool>());
  const Tensor windows = torch::randn({2, 1, 32, 32});
  const Tensor both = network.forward(windows);
  CHECK(both.sizes() == torch::IntArrayRef({2, 7, 1, 1}));
  CHECK(torch::allclose(both.slice(0, 0, 1), network.forward(windows.slice(0, 0, 1)), 1e-4, 1e-5));
}

TEST_CASE("A line's height and slope follow a gradient") {
  torch::manual_seed(2);
  EndplateNet network(tiny());
  const auto maps = network.forward_maps(torch::randn({2, 1, 32, 32}));
  maps.answer.sum().backward();
  for (const auto& parameter : network.named_parameters()) {
    INFO(parameter.key());
    REQUIRE(parameter.value().grad().defined());
    CHECK(torch::isfinite(parameter.value().grad()).all().item<bool>());
  }
}

TEST_CASE("An EndplateNet configuration round-trips through JSON, and errors are named") {
  const auto network = make_network(to_json(tiny()), "tiny");
  CHECK(network->config() == to_json(tiny()));
  CHECK(network->input_size() == 32);
  CHECK(network->views() == 1);
  CHECK(network->classes() == 7);
  nlohmann::json bad = to_json(tiny());
  bad["input_size"] = 30;
  CHECK(endplate_net_error(bad) ==
        "net.json: expected input_size to be a multiple of 8 in [16, 1024], found 30");
  bad = to_json(tiny());
  bad["widths"] = {8, 10};
  CHECK(endplate_net_error(bad) == "net.json: expected groups to divide each of widths");
  bad = to_json(tiny());
  bad["width"] = 3;
  CHECK(endplate_net_error(bad).find("unknown key \"width\"") != std::string::npos);
}
