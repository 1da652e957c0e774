#include <fstream>

#include "infer/tiny_network.h"
#include "support/catch.h"
#include "support/temp_dir.h"

#include "spine/core/error.h"
#include "spine/infer/checkpoint.h"
#include "spine/infer/manifest.h"
#include "spine/infer/model.h"
#include "spine/train/training.h"

using namespace spine;

namespace {

train::ExportOptions under(const std::string& name, const std::filesystem::path& manifest) {
  return {.name = name,
          .manifest = manifest,
          .make_default = false,
          .roi_of = {},
          .implant_model_of = {},
          .endplates_of = {}};
}

}  // namespace

TEST_CASE("Exported weights load by name, with their record") {
  const test::TempDir folder;
  const auto manifest = folder / "manifest.json";
  CHECK_THROWS_AS(train::export_weights(folder.path(), under("a", manifest)), Error);

  const auto network = test::tiny_network(1);
  save_network(folder / "best.safetensors", *network, state_of(*network), test::tiny_input(),
               test::structure_names(), torch::kHalf);
  std::ofstream(folder / "training.json") << R"({"steps": 7, "architecture": {}})";
  CHECK_THROWS_AS(train::export_weights(folder.path(), under("a/b", manifest)), Error);
  train::export_weights(folder.path(), under("a", manifest));
  train::export_weights(folder.path(), under("b", manifest));
  CHECK(read_weights_manifest(manifest).default_name == "a");
  auto usual = under("b", manifest);
  usual.make_default = true;
  train::export_weights(folder.path(), usual);

  const auto entries = read_weights_manifest(manifest);
  CHECK(entries.names() == "a, b");
  CHECK(entries.default_name == "b");
  CHECK(entries.weights[0].training.at("steps") == 7);
  CHECK_FALSE(entries.weights[0].training.contains("architecture"));

  auto near = under("near", manifest);
  near.roi_of = "c";
  CHECK_THROWS_AS(train::export_weights(folder.path(), near), Error);
  CHECK_FALSE(std::filesystem::exists(manifest.parent_path() / "near.safetensors"));
  near.roi_of = "b";
  train::export_weights(folder.path(), near);
  CHECK(read_weights_manifest(manifest).find("b")->roi == "near");
  auto plates = under("plates", manifest);
  plates.endplates_of = "b";
  train::export_weights(folder.path(), plates);
  train::export_weights(folder.path(), under("b", manifest));  // again: its paired entries are kept
  CHECK(read_weights_manifest(manifest).find("b")->roi == "near");
  CHECK(read_weights_manifest(manifest).find("b")->endplates == "plates");
  CHECK(Model::load("default", manifest, {"cpu"}).info().name == "b");
}

TEST_CASE("An autoencoder becomes the default of restoration and is paired with an implant model") {
  const test::TempDir folder;
  const auto manifest = folder / "manifest.json";
  InputSpec input;
  input.size = 32;
  input.views = {"original"};
  const auto network = make_network(test::tiny_vqgan_config(32), "tiny");
  save_network(folder / "best.safetensors", *network, state_of(*network), input, {"film"},
               torch::kHalf);
  train::export_weights(folder.path(), under("draws", manifest));
  CHECK(read_weights_manifest(manifest).default_restoration == "draws");
  CHECK(read_weights_manifest(manifest).default_name.empty());

  const test::TempDir other;
  const auto implant_model = test::tiny_network(1);
  save_network(other / "best.safetensors", *implant_model, state_of(*implant_model),
               test::tiny_input(), test::structure_names(), torch::kHalf);
  auto sees = under("sees", manifest);
  sees.implant_model_of = "draws";
  train::export_weights(other.path(), sees);
  CHECK(read_weights_manifest(manifest).find("draws")->implant_model == "sees");
  CHECK(read_weights_manifest(manifest).default_name.empty());
  CHECK(read_weights_manifest(manifest).default_restoration == "draws");
}
