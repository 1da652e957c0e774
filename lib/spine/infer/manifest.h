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
  std::string roi;                   ///< entry of the network for the second look; may be empty
  std::string implant_model;         ///< of an autoencoder: entry of the network that sees metal
  std::string endplates;             ///< entry of the network that draws endplates; may be empty
  nlohmann::json training;           ///< record: command line, commit, data, curve, date
  std::string licence;
};

/// weights/manifest.json: {"schema": "spine-weights-manifest/2", "default": name, "restoration":
/// name, "weights": [...]}.
struct Manifest {
  std::string default_name;         ///< segmentation's
  std::string default_restoration;  ///< entry of an autoencoder; may be empty
  std::vector<WeightsEntry> weights;

  /// The entry of that name ("default" or "" is the default one), or nullptr.
  [[nodiscard]] const WeightsEntry* find(const std::string& name) const;
  /// "a, b, c", for error messages.
  [[nodiscard]] std::string names() const;
};

/// Strict. @throws Error(weights) naming the file, the entry and the key.
Manifest read_weights_manifest(const std::filesystem::path& file);
/// Atomic. @throws Error(output).
void write_manifest(const std::filesystem::path& file, const Manifest& manifest);

/// Weights that somebody named.
struct NamedWeights {
  std::filesystem::path file;
  std::string name;                   ///< the manifest's, or the file's stem
  std::string sha256;                 ///< of the file
  std::optional<WeightsEntry> entry;  ///< nothing for a file
};

/// Whether weights are a file and no manifest's name: by .safetensors, or because it is there.
bool is_weights_file(const std::string& weights);

/// A file, or what a manifest names, whose SHA-256 must be the entry's.
/// @param manifest  not looked at for a file
/// @throws Error(weights) when there is no such file or entry, or the hashes differ.
NamedWeights find_weights(const std::string& weights, const std::filesystem::path& manifest);

}  // namespace spine
