#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "spine/core/input_spec.h"

namespace spine {

/// One entry of weights/manifest.json.
struct WeightsEntry {
  std::string name;
  std::string file;             ///< relative to the manifest's folder
  nlohmann::json architecture;  ///< as make_network takes it
  std::string sha256;           ///< of the file
  InputSpec input;
  std::vector<std::string> outputs;  ///< channel names
  std::string roi;            ///< entry of the network for the ROI prediction pass; may be empty
  std::string implant_model;  ///< of an autoencoder: entry of the implant segmentation network
  std::string endplates;      ///< entry of the endplate prediction network; may be empty
  nlohmann::json training;    ///< record: command line, commit, data, curve, date
  std::string licence;
};

/// weights/manifest.json: {"schema": "spine-weights-manifest/2", "default": name, "restoration":
/// name, "weights": [...]}.
struct Manifest {
  std::string default_name;         ///< default entry for segmentation
  std::string default_restoration;  ///< entry of an autoencoder; may be empty
  std::vector<WeightsEntry> weights;

  /// The entry of that name ("default" or "" is the default one), or nullptr.
  [[nodiscard]] const WeightsEntry* find(const std::string& name) const;
  /// "a, b, c", for error messages.
  [[nodiscard]] std::string names() const;
};

/// Reads a manifest; unknown keys are errors. @throws Error(weights) naming the file, the entry and
/// the key.
Manifest read_weights_manifest(const std::filesystem::path& file);
/// Writes a manifest atomically. @throws Error(output).
void write_manifest(const std::filesystem::path& file, const Manifest& manifest);

/// Weights selected by name or by file.
struct NamedWeights {
  std::filesystem::path file;
  std::string name;                   ///< the manifest's, or the file's stem
  std::string sha256;                 ///< of the file
  std::optional<WeightsEntry> entry;  ///< nullopt for a file
};

/// Whether a weights argument denotes a file rather than a manifest entry: it ends in .safetensors,
/// or the file exists.
bool is_weights_file(const std::string& weights);

/// Resolves a weights argument to a file or a manifest entry, whose SHA-256 is checked.
/// @param manifest  not read for a file
/// @throws Error(weights) when there is no such file or entry, or the hashes differ.
NamedWeights find_weights(const std::string& weights, const std::filesystem::path& manifest);

}  // namespace spine
