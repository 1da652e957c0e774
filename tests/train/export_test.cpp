#include <fstream>

#include "infer/tiny_network.h"
#include "support/catch.h"
#include "support/temp_dir.h"

#include "spine/core/error.h"
#include "spine/infer/checkpoint.h"
#include "spine/infer/manifest.h"
#include "spine/infer/model.h"
#include "spine/infer/safetensors.h"
#include "spine/train/training.h"
#include "spine/util/sha256.h"

using namespace spine;

namespace {

train::ExportOptions under(const std::string& name, const std::filesystem::path& manifest) {
  return {.name = name,
          .manifest = manifest,
          .make_default = false,
          .roi_of = {},
          .implant_model_of = {},
          .endplates_of = {},
          .average = {}};
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

TEST_CASE("Weights are averaged with others of the same network, and the record names them") {
  const test::TempDir folder, elsewhere;
  const auto manifest = folder / "manifest.json";
  const auto save = [](const std::filesystem::path& file, int seed) {
    const auto network = test::tiny_network(seed);
    save_network(file, *network, state_of(*network), test::tiny_input(), test::structure_names(),
                 torch::kFloat);
    return read_safetensors(file).tensors;
  };
  const auto a = save(folder / "best.safetensors", 1), b = save(elsewhere / "b.safetensors", 2),
             c = save(elsewhere / "c.safetensors", 3);
  std::ofstream(folder / "training.json") << R"({"steps": 7})";
  auto options = under("mean", manifest);
  options.average = {elsewhere / "b.safetensors", elsewhere / "c.safetensors"};
  train::export_weights(folder.path(), options);
  const auto mean = read_safetensors(folder / "mean.safetensors").tensors;
  REQUIRE(mean.size() == a.size());
  for (const auto& [name, tensor] : mean) {
    CAPTURE(name);
    CHECK(torch::allclose(tensor, (a.at(name) + b.at(name) + c.at(name)) / 3, 1e-6, 1e-7));
  }
  CHECK(Model::load("mean", manifest, {"cpu"}).info().name == "mean");
  const auto record = read_weights_manifest(manifest).weights[0].training;
  CHECK(record.at("averaged_with").size() == 2);
  CHECK(record.at("averaged_with")[0].at("sha256") == sha256_of_file(elsewhere / "b.safetensors"));

  const auto network = make_network(test::tiny_vqgan_config(32), "tiny");
  InputSpec input;
  input.size = 32;
  input.views = {"original"};
  save_network(elsewhere / "other.safetensors", *network, state_of(*network), input, {"film"},
               torch::kHalf);
  options.average = {elsewhere / "other.safetensors"};
  CHECK_THROWS_WITH(train::export_weights(folder.path(), options),
                    Catch::Contains("other.safetensors"));
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
