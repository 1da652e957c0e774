#include "spine/batch/film_input.h"

#include "spine/batch/film_record.h"
#include "spine/batch/measure_job.h"
#include "spine/infer/manifest.h"
#include "spine/io/image_io.h"
#include "spine/util/sha256.h"

namespace spine::batch {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// The restoration record of a study (by spine-restore, or spine-pipeline with --restore) if the
/// study is a restored film.
std::optional<StudyRecord> restored_film_record(const Study& study) {
  if (study.path.filename() != "restored.png") return std::nullopt;
  for (const char* name : {"restoration.json", "measurements.json"}) {
    const fs::path record = study.path.parent_path() / name;
    if (!fs::is_regular_file(record)) continue;
    StudyRecord restored = read_study_record(record);
    restored.film = with_spacing(std::move(restored.film), study.spacing);
    return restored;
  }
  return std::nullopt;
}

/// The weights that the manifest pairs with these; "none" if there are none, and for files.
std::string companion(const std::string& weights, std::string WeightsEntry::*which) {
  if (is_weights_file(weights)) return "none";
  const Manifest manifest = read_weights_manifest(default_manifest());
  const WeightsEntry* entry = manifest.find(weights);
  return entry == nullptr || (entry->*which).empty() ? "none" : entry->*which;
}

}  // namespace

std::string default_roi_model(const std::string& weights) {
  return companion(weights, &WeightsEntry::roi);
}

std::string default_endplate_model(const std::string& weights) {
  return companion(weights, &WeightsEntry::endplates);
}

Model load_model(const std::string& weights, const DeviceOptions& options) {
  return Model::load(weights, is_weights_file(weights) ? fs::path() : default_manifest(), options);
}

json weights_record(const ModelInfo& info) {
  return {{"name", info.name},
          {"sha256", info.sha256},
          {"architecture", info.architecture},
          {"precision", info.precision},
          {"file", info.file.string()}};
}

StudyFilm load_study_film(const Study& study) {
  ReadOptions options;
  options.spacing = study.spacing;
  options.frame = study.frame;
  const auto restored = restored_film_record(study);
  // In a restored film bone is already bright.
  options.detect_polarity = !restored;
  const Image image = read_film(study.path, options);
  StudyFilm film{restored ? Image(image.pixels(), restored->film) : image, study.anterior};
  if (restored) film.restoration = restored->restoration;
  return film;
}

json film_study_options(const Study& study) {
  json options = study_overrides(study);
  if (study.frame) options["frame"] = *study.frame;
  const auto restored = restored_film_record(study);
  if (!restored) return options;
  const FilmInfo& film = restored->film;
  if (film.spacing) options["spacing_mm"] = {film.spacing->row_mm, film.spacing->col_mm};
  if (!film.flags.empty()) options["flags"] = film.flags;
  if (!restored->restoration.is_null()) {
    options["restoration_sha256"] = sha256_of_text(restored->restoration.dump());
  }
  return options;
}

}  // namespace spine::batch
