#include "spine/infer/manifest.h"

#include <cstdlib>
#include <fstream>

#include "support/catch.h"
#include "support/temp_dir.h"

#include "spine/core/error.h"
#include "spine/infer/model.h"
#include "spine/util/sha256.h"

using spine::test::TempDir;

namespace {

spine::Manifest sample() {
  spine::WeightsEntry entry;
  entry.name = "small";
  entry.file = "small.safetensors";
  entry.architecture = {{"architecture", "trans_unet"}};
  entry.sha256 = std::string(64, 'a');
  entry.outputs = {"L1"};
  entry.training = {{"steps", 3}};
  entry.licence = "Apache-2.0";
  entry.roi = "near";
  entry.implant_model = "sees";
  entry.endplates = "draws plates";
  spine::Manifest manifest{"small", "draws", {entry}};
  entry.name = "large";
  manifest.weights.push_back(entry);
  return manifest;
}

std::string manifest_error(const std::filesystem::path& file) {
  try {
    spine::read_weights_manifest(file);
  } catch (const spine::Error& error) {
    CHECK(error.kind() == spine::ErrorKind::weights);
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("A manifest survives its file and is found by name") {
  const TempDir folder;
  write_manifest(folder / "manifest.json", sample());
  const auto back = spine::read_weights_manifest(folder / "manifest.json");
  REQUIRE(back.weights.size() == 2);
  CHECK(back.names() == "small, large");
  CHECK(back.find("large")->name == "large");
  CHECK(back.find("default")->name == "small");
  CHECK(back.find("")->name == "small");
  CHECK(back.find("huge") == nullptr);
  CHECK(back.weights[0].training.at("steps") == 3);
  CHECK(back.weights[0].roi == "near");
  CHECK(back.weights[0].implant_model == "sees");
  CHECK(back.weights[0].endplates == "draws plates");
  CHECK(back.default_restoration == "draws");
  CHECK(back.weights[0].input.views.size() == 6);
}

TEST_CASE("Errors of a manifest are named") {
  const TempDir folder;
  const auto file = folder / "manifest.json";
  CHECK(manifest_error(file).find("cannot open") != std::string::npos);
  std::ofstream(file) << "{";
  CHECK(manifest_error(file).find("not valid JSON") != std::string::npos);
  std::ofstream(file) << R"({"schema": "other/1", "default": "", "weights": []})";
  CHECK(manifest_error(file).find("found other/1") != std::string::npos);
  std::ofstream(file)
      << R"({"schema": "spine-weights-manifest/2", "default": "", "weights": [{"name": "a"}]})";
  CHECK(manifest_error(file).find("entry 1: key \"file\" is missing") != std::string::npos);
}

TEST_CASE("The weights folder is set by the environment") {
  const TempDir folder;
  ::setenv("SPINE_WEIGHTS_DIR", folder.path().c_str(), 1);
  CHECK_THROWS_AS(spine::default_manifest(), spine::Error);
  write_manifest(folder / "manifest.json", sample());
  CHECK(spine::default_manifest() == folder / "manifest.json");
  ::unsetenv("SPINE_WEIGHTS_DIR");
}

TEST_CASE("Weights are a file by extension or existence, else a manifest entry") {
  const TempDir folder;
  std::ofstream(folder / "there") << "bytes";
  CHECK(spine::is_weights_file("a/b.safetensors"));
  CHECK(spine::is_weights_file((folder / "there").string()));
  CHECK_FALSE(spine::is_weights_file("default"));

  const auto named = spine::find_weights((folder / "there").string(), {});
  CHECK(named.name == "there");
  CHECK_FALSE(named.entry.has_value());
  CHECK_THROWS_AS(spine::find_weights("a/b.safetensors", {}), spine::Error);
}

TEST_CASE("The file of a manifest's entry must have its hash") {
  const TempDir folder;
  const auto manifest = folder / "manifest.json";
  std::ofstream(folder / "small.safetensors") << "bytes";
  spine::Manifest entries = sample();
  entries.weights[0].sha256 = spine::sha256_of_file(folder / "small.safetensors");
  write_manifest(manifest, entries);
  CHECK(spine::find_weights("small", manifest).entry->name == "small");
  CHECK(spine::find_weights("small", manifest).file == folder / "small.safetensors");
  CHECK_THROWS_AS(spine::find_weights("large", manifest), spine::Error);
  std::ofstream(folder / "small.safetensors") << "others";
  CHECK_THROWS_AS(spine::find_weights("small", manifest), spine::Error);
}
