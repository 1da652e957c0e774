#include "spine/nets/config.h"

#include <filesystem>
#include <fstream>

#include "support/catch.h"

#include "spine/core/error.h"

using spine::trans_unet_config;

namespace {

nlohmann::json parse_file(const std::string& name) {
  std::ifstream in(std::filesystem::path(SPINE_CONFIGS) / name);
  return nlohmann::json::parse(in);
}

std::string trans_unet_error(const nlohmann::json& json) {
  try {
    trans_unet_config(json, "net.json");
  } catch (const spine::Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("Defaults are the published R50-ViT-B/16") {
  const auto full = trans_unet_config(parse_file("trans_unet_r50_vit_b16.json"), "full");
  CHECK(to_json(full) == to_json(spine::TransUNetConfig{}));
}

TEST_CASE("A configuration round-trips through JSON") {
  const auto small = trans_unet_config(parse_file("trans_unet_small.json"), "small");
  CHECK(small.stem_width == 24);
  CHECK(small.skips.back());
  CHECK(to_json(trans_unet_config(to_json(small), "again")) == to_json(small));
}

TEST_CASE("U-Net and Swin-Unet configurations round-trip through JSON") {
  const auto unet = spine::unet_config(parse_file("unet.json"), "unet");
  CHECK(to_json(unet) == to_json(spine::UNetConfig{}));
  const auto small = spine::unet_config(parse_file("unet_small.json"), "small");
  CHECK(small.width == 16);
  CHECK(to_json(spine::unet_config(to_json(small), "again")) == to_json(small));

  const auto swin = spine::swin_unet_config(parse_file("swin_unet_tiny.json"), "swin");
  CHECK(swin.window == 7);
  CHECK(swin.embed == spine::SwinUnetConfig{}.embed);
  CHECK(swin.heads == spine::SwinUnetConfig{}.heads);
  CHECK(to_json(spine::swin_unet_config(to_json(swin), "again")) == to_json(swin));
}

TEST_CASE("Errors of U-Net and Swin-Unet configurations are named") {
  const auto fault = [](const auto& parse, nlohmann::json json) -> std::string {
    try {
      parse(json, "net.json");
    } catch (const spine::Error& error) {
      return error.what();
    }
    return "";
  };
  CHECK(fault(spine::unet_config, {{"architecture", "unet"}, {"input_size", 200}}).find("200") !=
        std::string::npos);
  CHECK(fault(spine::unet_config, {{"architecture", "unet"}, {"embed", 3}}).find("\"embed\"") !=
        std::string::npos);
  CHECK(fault(spine::unet_config, {{"architecture", "swin_unet"}}).find("found \"swin_unet\"") !=
        std::string::npos);
  CHECK(fault(spine::swin_unet_config, {{"architecture", "swin_unet"}, {"window", 7}}) ==
        "net.json: expected window to divide every larger grid, found 7 and 64");
  CHECK(fault(spine::swin_unet_config, {{"architecture", "swin_unet"}, {"heads", {5, 6, 12, 24}}})
            .find("heads") != std::string::npos);
  CHECK(
      fault(spine::swin_unet_config, {{"architecture", "swin_unet"}, {"pen", {{"enabled", false}}}})
          .find("without pen") != std::string::npos);
}

TEST_CASE("Errors of a configuration are named") {
  const nlohmann::json good = {{"architecture", "trans_unet"}};
  CHECK(trans_unet_error(good).empty());

  nlohmann::json bad = good;
  bad["resnet"] = {{"widht", 3}};
  CHECK(trans_unet_error(bad) ==
        "net.json: resnet: unknown key \"widht\"; known keys: width, blocks, groups");

  bad = good;
  bad["architecture"] = "u_net";
  CHECK(trans_unet_error(bad).find("found \"u_net\"") != std::string::npos);

  bad = good;
  bad["input_size"] = 250;
  CHECK(trans_unet_error(bad).find("found 250") != std::string::npos);

  bad = good;
  bad["vit"] = {{"hidden", 100}, {"heads", 3}};
  CHECK(trans_unet_error(bad).find("vit.heads to divide vit.hidden") != std::string::npos);

  bad = good;
  bad["resnet"] = {{"width", 24}, {"groups", 32}};
  CHECK(trans_unet_error(bad).find("resnet.groups") != std::string::npos);

  bad = good;
  bad["decoder"] = {{"widths", {1, 2, 3}}};
  CHECK(trans_unet_error(bad).find("decoder.widths") != std::string::npos);
}
