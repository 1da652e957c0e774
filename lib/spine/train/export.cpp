#include <algorithm>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "spine/core/error.h"
#include "spine/infer/checkpoint.h"
#include "spine/infer/manifest.h"
#include "spine/infer/safetensors.h"
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

/// The training record of a run, without what the manifest says elsewhere; null if it has none.
nlohmann::json training_of(const std::filesystem::path& run) {
  std::ifstream record(run / "training.json");
  if (!record) return {};
  auto training = nlohmann::json::parse(record, nullptr, /*allow_exceptions=*/false);
  if (training.is_discarded()) {
    throw Error(ErrorKind::unreadable,
                "export: " + (run / "training.json").string() + " is not valid JSON");
  }
  training.erase("architecture");
  training.erase("input");
  return training;
}

/// Adds the tensors of a file to `sums`, in single precision.
void add_tensors(const std::filesystem::path& file, std::map<std::string, torch::Tensor>& sums) {
  const TensorFile content = read_safetensors(file);
  for (const auto& [name, sum] : sums) {
    const auto other = content.tensors.find(name);
    if (other == content.tensors.end() || other->second.sizes() != sum.sizes() ||
        content.tensors.size() != sums.size()) {
      throw Error(ErrorKind::weights, "average " + file.string() +
                                          ": expected the tensors of the run's weights, found "
                                          "others (\"" +
                                          name + "\")");
    }
    sum.add_(other->second.to(torch::kFloat));
  }
}

/// Writes the mean of the run's weights and others, in the run's precision and with its metadata.
void write_average(const std::filesystem::path& best,
                   const std::vector<std::filesystem::path>& others,
                   const std::filesystem::path& file) {
  TensorFile content = read_safetensors(best);
  std::map<std::string, torch::Tensor> sums;
  for (const auto& [name, tensor] : content.tensors) {
    sums[name] = tensor.to(torch::kFloat, /*non_blocking=*/false, /*copy=*/true);
  }
  for (const auto& other : others) add_tensors(other, sums);
  for (auto& [name, tensor] : content.tensors) {
    tensor = sums[name].div(static_cast<double>(others.size() + 1)).to(tensor.scalar_type());
  }
  write_safetensors(file, content);
}

nlohmann::json averaged_with(const std::vector<std::filesystem::path>& others) {
  nlohmann::json list = nlohmann::json::array();
  for (const auto& other : others) list.push_back({{"sha256", sha256_of_file(other)}});
  return list;
}

WeightsEntry entry_of(const std::string& name, const std::filesystem::path& run,
                      const std::filesystem::path& best) {
  const LoadedNetwork loaded = load_network(best);
  WeightsEntry entry;
  entry.name = name;
  entry.file = name + ".safetensors";
  entry.architecture = loaded.network->config();
  entry.input = loaded.input;
  entry.outputs = loaded.outputs;
  entry.licence = "Apache-2.0";
  entry.training = training_of(run);
  return entry;
}

/// Adds the entry in place of one of the same name, whose paired networks it keeps.
void replace_entry(Manifest& manifest, WeightsEntry entry) {
  if (const WeightsEntry* old = manifest.find(entry.name)) {
    entry.roi = old->roi;
    entry.implant_model = old->implant_model;
    entry.endplates = old->endplates;
  }
  std::erase_if(manifest.weights, [&](const WeightsEntry& e) { return e.name == entry.name; });
  manifest.weights.push_back(std::move(entry));
}

/// Pairs the entry with its owners and makes it the default where it is the first or shall be.
void pair_entry(Manifest& manifest, const WeightsEntry& entry, const ExportOptions& options) {
  const std::string& name = entry.name;
  const bool second = !options.roi_of.empty();
  const bool implant_model = !options.implant_model_of.empty();
  const bool endplates = !options.endplates_of.empty();
  const auto& file = options.manifest;
  if (second) owner(manifest, options.roi_of, file).roi = name;
  if (implant_model) owner(manifest, options.implant_model_of, file).implant_model = name;
  if (endplates) owner(manifest, options.endplates_of, file).endplates = name;
  std::string& usual = entry.architecture.at("architecture") == "vqgan"
                           ? manifest.default_restoration
                           : manifest.default_name;
  if (options.make_default || (usual.empty() && !second && !implant_model && !endplates)) {
    usual = name;
  }
}

}  // namespace

void export_weights(const std::filesystem::path& run, const ExportOptions& options) {
  const std::string& name = options.name;
  const auto best = run / "best.safetensors";
  if (!std::filesystem::is_regular_file(best)) {
    throw Error(ErrorKind::not_found, "export: no " + best.string() + "; train first");
  }
  if (name.empty() || name == "default" || name.find_first_of("/\\ ") != std::string::npos) {
    throw Error(ErrorKind::usage, "export: expected a plain name, found \"" + name + "\"");
  }
  WeightsEntry entry = entry_of(name, run, best);
  if (!options.average.empty()) entry.training["averaged_with"] = averaged_with(options.average);
  Manifest manifest;
  if (std::filesystem::exists(options.manifest)) {
    manifest = read_weights_manifest(options.manifest);
  }
  replace_entry(manifest, entry);
  pair_entry(manifest, entry, options);
  const auto file = options.manifest.parent_path() / entry.file;
  try {
    if (options.average.empty()) {
      write_file_atomically(file, read_file(best));
    } else {
      write_average(best, options.average, file);
    }
  } catch (const Error& error) {
    throw error.within("export");
  }
  manifest.weights.back().sha256 = sha256_of_file(file);
  write_manifest(options.manifest, manifest);
}

}  // namespace spine::train
