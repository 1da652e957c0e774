#include <algorithm>
#include <fstream>

#include "spine/core/error.h"
#include "spine/infer/checkpoint.h"
#include "spine/infer/manifest.h"
#include "spine/train/training.h"
#include "spine/util/atomic_file.h"
#include "spine/util/sha256.h"

namespace spine::train {

namespace {

/// The entry to pair these weights with. @throws Error(usage) naming the known ones
WeightsEntry& owner(Manifest& manifest, const std::string& name,
                    const std::filesystem::path& file) {
  const auto entry = std::find_if(manifest.weights.begin(), manifest.weights.end(),
                                  [&](const WeightsEntry& e) { return e.name == name; });
  if (entry == manifest.weights.end()) {
    throw Error(ErrorKind::usage, "export: no entry " + name + " in " + file.string() +
                                      "; known: " + manifest.names());
  }
  return *entry;
}

}  // namespace

void export_weights(const std::filesystem::path& run, const ExportOptions& options) {
  const std::string& name = options.name;
  const std::filesystem::path& manifest_file = options.manifest;
  const auto best = run / "best.safetensors";
  if (!std::filesystem::is_regular_file(best)) {
    throw Error(ErrorKind::not_found, "export: no " + best.string() + "; train first");
  }
  if (name.empty() || name == "default" || name.find_first_of("/\\ ") != std::string::npos) {
    throw Error(ErrorKind::usage, "export: expected a plain name, found \"" + name + "\"");
  }
  const LoadedNetwork loaded = load_network(best);

  WeightsEntry entry;
  entry.name = name;
  entry.file = name + ".safetensors";
  entry.architecture = loaded.network->config();
  entry.input = loaded.input;
  entry.outputs = loaded.outputs;
  entry.licence = "Apache-2.0";
  std::ifstream record(run / "training.json");
  if (record) {
    entry.training = nlohmann::json::parse(record, nullptr, /*allow_exceptions=*/false);
    if (entry.training.is_discarded()) {
      throw Error(ErrorKind::unreadable,
                  "export: " + (run / "training.json").string() + " is not valid JSON");
    }
    entry.training.erase("architecture");
    entry.training.erase("input");
  }

  entry.sha256 = sha256_of_file(best);

  Manifest manifest;
  if (std::filesystem::exists(manifest_file)) manifest = read_weights_manifest(manifest_file);
  if (const WeightsEntry* old = manifest.find(name)) {
    entry.roi = old->roi;
    entry.implant_model = old->implant_model;
    entry.endplates = old->endplates;
  }
  std::erase_if(manifest.weights, [&](const WeightsEntry& e) { return e.name == name; });
  manifest.weights.push_back(entry);
  const bool second = !options.roi_of.empty();
  const bool implant_model = !options.implant_model_of.empty();
  const bool endplates = !options.endplates_of.empty();
  if (second) owner(manifest, options.roi_of, manifest_file).roi = name;
  if (implant_model) owner(manifest, options.implant_model_of, manifest_file).implant_model = name;
  if (endplates) owner(manifest, options.endplates_of, manifest_file).endplates = name;
  std::string& usual = entry.architecture.at("architecture") == "vqgan"
                           ? manifest.default_restoration
                           : manifest.default_name;
  if (options.make_default || (usual.empty() && !second && !implant_model && !endplates))
    usual = name;

  const auto target = manifest_file.parent_path() / entry.file;
  try {
    write_file_atomically(target, read_file(best));
  } catch (const Error& error) {
    throw error.within("export");
  }
  write_manifest(manifest_file, manifest);
}

}  // namespace spine::train
