#include "spine/nets/network.h"

#include "support/catch.h"

#include "spine/core/error.h"

namespace {

std::string network_error(const nlohmann::json& json) {
  try {
    spine::make_network(json, "net.json");
  } catch (const spine::Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("A network is chosen by its architecture's name") {
  const nlohmann::json tiny = {{"architecture", "trans_unet"},
                               {"input_size", 32},
                               {"resnet", {{"width", 8}, {"blocks", {1, 1, 1}}, {"groups", 4}}},
                               {"vit", {{"hidden", 8}, {"mlp", 8}, {"blocks", 1}, {"heads", 2}}},
                               {"decoder", {{"head", 8}, {"widths", {8, 8, 8, 8}}}}};
  const auto network = spine::make_network(tiny, "tiny");
  CHECK(network->input_size() == 32);
  CHECK(network->views() == 6);
  CHECK(network->classes() == 8);
  CHECK(network->config()["resnet"]["width"] == 8);
}

TEST_CASE("An unknown architecture is refused by name") {
  CHECK(network_error({{"architecture", "v_net"}}) ==
        "net.json: unknown architecture \"v_net\"; known: trans_unet, unet, swin_unet, vqgan, "
        "endplate_net");
  CHECK(network_error(nlohmann::json::array()).find("architecture") != std::string::npos);
}
