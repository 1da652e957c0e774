#include <fstream>

#include "infer/tiny_network.h"
#include "support/catch.h"
#include "support/temp_dir.h"

#include "spine/core/error.h"
#include "spine/infer/checkpoint.h"
#include "spine/infer/manifest.h"
#include "spine/infer/model.h"
#include "spine/train/segmentation.h"

using namespace spine;

TEST_CASE("Exported weights load by name, with their record") {
  const test::TempDir folder;
  const auto manifest = folder / "manifest.json";
  CHECK_THROWS_AS(train::export_weights(folder.path(), "a", manifest, false), Error);

  const auto network = test::tiny_network(1);
  save_network(folder / "best.safetensors", *network, state_of(*network), test::tiny_input(),
               test::structure_names(), torch::kHalf);
  std::ofstream(folder / "training.json") << R"({"steps": 7, "architecture": {}})";
  CHECK_THROWS_AS(train::export_weights(folder.path(), "a/b", manifest, false), Error);
  train::export_weights(folder.path(), "a", manifest, false);
  train::export_weights(folder.path(), "b", manifest, false);
  CHECK(read_weights_manifest(manifest).default_name == "a");
  train::export_weights(folder.path(), "b", manifest, true);

  const auto entries = read_weights_manifest(manifest);
  CHECK(entries.names() == "a, b");
  CHECK(entries.default_name == "b");
  CHECK(entries.weights[0].training.at("steps") == 7);
  CHECK_FALSE(entries.weights[0].training.contains("architecture"));

  CHECK_THROWS_AS(train::export_weights(folder.path(), "near", manifest, false, "c"), Error);
  train::export_weights(folder.path(), "near", manifest, false, "b");
  CHECK(read_weights_manifest(manifest).find("b")->close_up == "near");
  train::export_weights(folder.path(), "b", manifest, false);  // anew: its second look stays
  CHECK(read_weights_manifest(manifest).find("b")->close_up == "near");
  CHECK(Model::load("default", manifest, {"cpu", 1}).info().name == "b");
}
