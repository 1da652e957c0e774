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

std::string error_of(const nlohmann::json& json) {
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

TEST_CASE("A configuration survives its JSON") {
  const auto small = trans_unet_config(parse_file("trans_unet_small.json"), "small");
  CHECK(small.stem_width == 24);
  CHECK(small.skips.back());
  CHECK(to_json(trans_unet_config(to_json(small), "again")) == to_json(small));
}

TEST_CASE("A configuration's faults are named") {
  const nlohmann::json good = {{"architecture", "trans_unet"}};
  CHECK(error_of(good).empty());

  nlohmann::json bad = good;
  bad["resnet"] = {{"widht", 3}};
  CHECK(error_of(bad) ==
        "net.json: resnet: unknown key \"widht\"; known keys: width, blocks, groups");

  bad = good;
  bad["architecture"] = "u_net";
  CHECK(error_of(bad).find("found \"u_net\"") != std::string::npos);

  bad = good;
  bad["input_size"] = 250;
  CHECK(error_of(bad).find("found 250") != std::string::npos);

  bad = good;
  bad["vit"] = {{"hidden", 100}, {"heads", 3}};
  CHECK(error_of(bad).find("vit.heads to divide vit.hidden") != std::string::npos);

  bad = good;
  bad["resnet"] = {{"width", 24}, {"groups", 32}};
  CHECK(error_of(bad).find("resnet.groups") != std::string::npos);

  bad = good;
  bad["decoder"] = {{"widths", {1, 2, 3}}};
  CHECK(error_of(bad).find("decoder.widths") != std::string::npos);
}
