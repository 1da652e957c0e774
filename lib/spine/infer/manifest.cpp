#include "spine/infer/manifest.h"

#include <cstdlib>
#include <fstream>

#include "spine/core/error.h"
#include "spine/infer/input_json.h"
#include "spine/infer/model.h"
#include "spine/nets/json_fields.h"
#include "spine/util/atomic_file.h"
#include "spine/util/schema.h"
#include "spine/util/sha256.h"

namespace spine {
namespace {

WeightsEntry entry_from_json(const nlohmann::json& json, const std::string& where) {
  WeightsEntry entry;
  nlohmann::json input;
  JsonFields fields(json, where);
  fields.required("name", entry.name);
  fields.required("file", entry.file);
  fields.required("architecture", entry.architecture);
  fields.required("sha256", entry.sha256);
  fields.required("input", input);
  fields.required("outputs", entry.outputs);
  fields.optional("roi", entry.roi);
  fields.optional("implant", entry.implant_model);
  fields.optional("endplates", entry.endplates);
  fields.optional("training", entry.training);
  fields.optional("licence", entry.licence);
  fields.finish();
  entry.input = input_spec_from_json(input, where + ": input");
  return entry;
}

nlohmann::ordered_json to_json(const WeightsEntry& entry) {
  nlohmann::ordered_json json{{"name", entry.name},
                              {"file", entry.file},
                              {"sha256", entry.sha256},
                              {"licence", entry.licence},
                              {"input", to_json(entry.input)},
                              {"outputs", entry.outputs},
                              {"architecture", entry.architecture}};
  if (!entry.roi.empty()) json["roi"] = entry.roi;
  if (!entry.implant_model.empty()) json["implant"] = entry.implant_model;
  if (!entry.endplates.empty()) json["endplates"] = entry.endplates;
  json["training"] = entry.training;
  return json;
}

}  // namespace

const WeightsEntry* Manifest::find(const std::string& name) const {
  const std::string& wanted = name.empty() || name == "default" ? default_name : name;
  for (const auto& entry : weights) {
    if (entry.name == wanted) return &entry;
  }
  return nullptr;
}

std::string Manifest::names() const {
  std::string list;
  for (const auto& entry : weights) list += (list.empty() ? "" : ", ") + entry.name;
  return list.empty() ? "none" : list;
}

Manifest read_weights_manifest(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) throw Error(ErrorKind::weights, "weights: cannot open manifest " + file.string());
  const std::string where = "weights: manifest " + file.string();
  Manifest manifest;
  try {
    nlohmann::json json = parse_json(in);
    update_schema(json);
    std::string schema;
    nlohmann::json weights;
    JsonFields fields(json, where);
    fields.required("schema", schema);
    fields.required("default", manifest.default_name);
    fields.optional("restoration", manifest.default_restoration);
    fields.required("weights", weights);
    fields.finish();
    if (schema != kWeightsManifestSchema) {
      throw Error(ErrorKind::usage, where + ": expected schema " +
                                        std::string(kWeightsManifestSchema) + ", found " + schema);
    }
    if (!weights.is_array()) throw Error(ErrorKind::usage, where + ": weights is not a list");
    for (const auto& item : weights) {
      manifest.weights.push_back(
          entry_from_json(item, where + ": entry " + std::to_string(manifest.weights.size() + 1)));
    }
  } catch (const nlohmann::json::exception&) {
    throw Error(ErrorKind::weights, where + ": not valid JSON");
  } catch (const Error& error) {
    throw Error(ErrorKind::weights, error.what());
  }
  return manifest;
}

void write_manifest(const std::filesystem::path& file, const Manifest& manifest) {
  nlohmann::ordered_json json = {{"schema", kWeightsManifestSchema},
                                 {"default", manifest.default_name}};
  if (!manifest.default_restoration.empty()) json["restoration"] = manifest.default_restoration;
  json["weights"] = nlohmann::ordered_json::array();
  for (const auto& entry : manifest.weights) json["weights"].push_back(to_json(entry));
  try {
    write_file_atomically(file, json.dump(2) + "\n");
  } catch (const Error& error) {
    throw error.within("weights");
  }
}

bool is_weights_file(const std::string& weights) {
  return std::filesystem::path(weights).extension() == ".safetensors" ||
         std::filesystem::is_regular_file(weights);
}

NamedWeights find_weights(const std::string& weights, const std::filesystem::path& manifest_file) {
  NamedWeights found{weights, std::filesystem::path(weights).stem().string(), "", std::nullopt};
  if (!is_weights_file(weights)) {
    const Manifest manifest = read_weights_manifest(manifest_file);
    const WeightsEntry* entry = manifest.find(weights);
    if (entry == nullptr) {
      throw Error(ErrorKind::weights, "weights: no file and no entry \"" + weights + "\" in " +
                                          manifest_file.string() + "; known: " + manifest.names());
    }
    found = {manifest_file.parent_path() / entry->file, entry->name, "", *entry};
  }
  const std::string file = found.file.string();
  if (!std::filesystem::is_regular_file(found.file)) {
    throw Error(ErrorKind::weights, "weights: no such file: " + file);
  }
  found.sha256 = sha256_of_file(found.file);
  if (found.entry && found.entry->sha256 != found.sha256) {
    throw Error(ErrorKind::weights, "weights: " + file + ": expected SHA-256 " +
                                        found.entry->sha256 + " (" + manifest_file.string() +
                                        "), found " + found.sha256);
  }
  return found;
}

std::filesystem::path default_manifest() {
  std::vector<std::filesystem::path> folders;
  if (const char* folder = std::getenv("SPINE_WEIGHTS_DIR"); folder != nullptr && *folder != 0) {
    folders = {folder};  // an explicit folder is the only candidate
  } else {
    // The last candidate serves relocated installations, relative to the executable.
    std::error_code ignored;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored);
    folders = {SPINE_SOURCE_WEIGHTS_DIR, SPINE_INSTALLED_WEIGHTS_DIR,
               program.parent_path().parent_path() / "share" / "spine" / "weights"};
  }
  std::string tried;
  for (const auto& folder : folders) {
    auto file = folder / "manifest.json";
    if (std::filesystem::is_regular_file(file)) return file;
    tried += (tried.empty() ? "" : ", ") + file.string();
  }
  throw Error(ErrorKind::weights, "weights: no manifest; searched " + tried);
}

}  // namespace spine
