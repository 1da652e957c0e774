#include "spine/batch/film_input.h"

#include <fstream>

#include "spine/infer/manifest.h"
#include "spine/io/image_io.h"

namespace spine::batch {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// The spacing in a restoration.json, if there is one.
std::optional<Spacing> recorded_spacing(const fs::path& file) {
  std::ifstream in(file);
  const json record = json::parse(in, nullptr, /*allow_exceptions=*/false);
  if (!record.is_object()) return std::nullopt;
  const json spacing = record.value("spacing_mm", json());
  if (!spacing.is_array() || spacing.size() != 2 || !spacing[0].is_number() ||
      !spacing[1].is_number()) {
    return std::nullopt;
  }
  return Spacing{spacing[0], spacing[1]};
}

}  // namespace

bool is_weights_file(const std::string& weights) {
  return fs::path(weights).extension() == ".safetensors" || fs::is_regular_file(weights);
}

Model load_model(const std::string& weights, const DeviceOptions& options) {
  return Model::load(weights, is_weights_file(weights) ? fs::path() : default_manifest(), options);
}

json weights_record(const ModelInfo& info) {
  return {{"name", info.name},
          {"sha256", info.sha256},
          {"architecture", info.architecture},
          {"file", info.file.string()}};
}

Image read_study_film(const Study& study) {
  ReadOptions options;
  options.spacing = study.spacing;
  const bool restored = study.path.filename() == "restored.png";
  if (restored && !options.spacing) {
    options.spacing = recorded_spacing(study.path.parent_path() / "restoration.json");
  }
  // A restored film's bone is bright already.
  options.detect_polarity = !restored;
  return read_film(study.path, options);
}

}  // namespace spine::batch
