#include "spine/batch/measure_job.h"

#include <algorithm>
#include <map>

#include "spine/batch/failure.h"
#include "spine/batch/film_record.h"
#include "spine/batch/predicted_landmarks.h"
#include "spine/core/error.h"
#include "spine/core/flags.h"
#include "spine/core/size_text.h"
#include "spine/io/image_io.h"
#include "spine/io/landmarks_io.h"
#include "spine/io/mask_io.h"
#include "spine/io/report_io.h"
#include "spine/render/overlay.h"
#include "spine/stages/locate/landmark_checks.h"
#include "spine/stages/measure/film_extent.h"
#include "spine/stages/measure/standard_errors.h"
#include "spine/util/sha256.h"

namespace spine::batch {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// The file to measure of a study given as a folder; the folder itself if it holds one image per
/// structure.
fs::path main_file(const fs::path& input) {
  if (!fs::is_directory(input)) return input;
  for (const char* name : {"masks.tif", "landmarks.json"}) {
    if (fs::is_regular_file(input / name)) return input / name;
  }
  return input;
}

bool holds_landmarks(const fs::path& file) { return file.extension() == ".json"; }

/// The masks written by spine-seg and spine-pipeline; landmarks may lie beside them.
bool is_mask_stack(const fs::path& file) { return file.filename() == "masks.tif"; }

/// Includes the predicted landmarks of the folder if they are used.
std::vector<fs::path> files_of(const fs::path& input, bool predicted) {
  const fs::path file = main_file(input);
  if (!fs::is_directory(file)) {
    std::vector<fs::path> files{file};
    if (predicted && is_mask_stack(file) && read_predicted_landmarks(file.parent_path())) {
      files.push_back(file.parent_path() / "landmarks.json");
    }
    return files;
  }
  std::vector<fs::path> files;
  for (const Structure structure : kStructures) {
    const fs::path image = file / (std::string(to_string(structure)) + ".png");
    if (fs::exists(image)) files.push_back(image);
  }
  if (files.empty()) {
    throw Error(ErrorKind::not_found, "read masks: " + input.string() +
                                          ": expected masks.tif, landmarks.json or L1.png ... "
                                          "F2.png, found none of them");
  }
  return files;
}

/// Whether masks are those of the record; true if the record does not say.
bool are_recorded(const StudyRecord& record, const fs::path& masks) {
  const auto hash = record.masks_sha256.find(masks.filename().string());
  if (hash == record.masks_sha256.end() || !fs::is_regular_file(masks)) return true;
  return hash->second == sha256_of_file(masks);
}

/// The record beside the masks or landmarks, as far as it applies to them.
StudyRecord record_of(const Study& study) {
  const bool is_folder = fs::is_directory(study.path);
  const fs::path folder = is_folder ? study.path : study.path.parent_path();
  StudyRecord record;
  for (const char* name : {"segmentation.json", "measurements.json"}) {
    if (!fs::is_regular_file(folder / name)) continue;
    record = read_study_record(folder / name);
    break;
  }
  record.film = with_spacing(record.film, study.spacing);
  if (study.anterior) record.anterior = study.anterior;
  const fs::path file = main_file(study.path);
  if (!are_recorded(record, holds_landmarks(file) ? folder / "masks.tif" : file)) {
    record.segmentation_flags.clear();
    record.masks_sha256.clear();
    record.contour_uncertainty.reset();
  }
  return record;
}

/// Flags of the stages before landmarks.
std::vector<std::string> earlier_flags(const StudyRecord& record) {
  auto flags = record.film.flags;
  flags.insert(flags.end(), record.segmentation_flags.begin(), record.segmentation_flags.end());
  sort_flags(flags);
  return flags;
}

/// What results depend on besides masks and landmarks, for fingerprints.
void add_to_fingerprint(const StudyRecord& record, json& options) {
  const auto& spacing = record.film.spacing;
  if (spacing) options["spacing_mm"] = {spacing->row_mm, spacing->col_mm};
  if (const auto flags = earlier_flags(record); !flags.empty()) options["flags"] = flags;
  json rest = json::object();
  add_to_record(record, rest);
  if (!rest.empty()) options["record_sha256"] = sha256_of_text(rest.dump());
}

/// Films by study id; ids are assigned as by spine-seg.
std::map<std::string, Study> films_by_id(const fs::path& folder, InputOptions naming) {
  std::map<std::string, Study> films;
  if (folder.empty()) return films;
  if (!fs::exists(folder)) {
    throw Error(ErrorKind::usage,
                "usage: --film: expected a folder of films, got " + folder.string());
  }
  naming.inputs = {folder};
  naming.manifest.reset();
  naming.recursive = true;
  naming.kind = StudyKind::films;
  naming.selection.by_tags = false;
  naming.shard = {};
  naming.output.clear();
  naming.spacing.reset();
  naming.anterior.reset();
  try {
    for (auto& study : collect_studies(naming).studies) {
      if (study.error.empty()) films.emplace(study.id, study);
    }
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::not_found) throw;
  }
  if (films.empty()) {
    throw Error(ErrorKind::usage, "usage: --film: " + folder.string() +
                                      ": expected a folder of films, found none in it");
  }
  return films;
}

/// @throws Error as read_film, with the display name of the film
Image read_named_film(const Study& film, const std::optional<Spacing>& spacing) {
  ReadOptions options;
  options.spacing = spacing;
  options.frame = film.frame;
  try {
    return read_film(film.path, options);
  } catch (const Error& error) {
    throw Error(error.kind(), "overlay: " + without_path(error.what(), film));
  }
}

void add_film(MeasureInput& input, const Study& study, const std::map<std::string, Study>& films) {
  if (films.empty()) return;
  const auto film = films.find(study.id);
  if (film == films.end()) {
    input.record.film.notes.push_back("no overlay: --film has no film of this name");
    return;
  }
  input.image = read_named_film(film->second, study.spacing);
  const cv::Size expected = input.masks ? input.masks->size() : input.landmarks->size;
  if (input.image->size() != expected) {
    throw Error(ErrorKind::unsupported,
                "overlay: film " + film->second.shown + ": expected the size of the masks, " +
                    size_text(expected) + ", got " + size_text(input.image->size()));
  }
  const FilmInfo& info = input.image->info();
  FilmInfo& known = input.record.film;
  if (!known.spacing) {
    known.spacing = info.spacing;
    known.spacing_source = info.spacing_source;
  }
  // Flags of the film of these masks; without a record, those of the displayed film.
  if (!input.record.exposed) {
    input.record.exposed = exposed_field(*input.image);
    known.flags.insert(known.flags.end(), info.flags.begin(), info.flags.end());
    sort_flags(known.flags);
  }
}

/// @param predicted  whether landmarks predicted by the endplate network are used
MeasureInput load_input(const Study& study, const std::map<std::string, Study>& films,
                        bool predicted) {
  MeasureInput input;
  input.record = record_of(study);
  input.anterior = input.record.anterior;
  const fs::path file = main_file(study.path);
  if (holds_landmarks(file)) {
    input.landmarks = read_landmarks(file);
    if (study.anterior) input.landmarks->anterior = *study.anterior;
    if (predicted) input.predicted = read_as_predicted(file);
  } else {
    input.masks = read_masks(file);
    if (predicted && is_mask_stack(file)) {
      input.predicted = read_predicted_landmarks(file.parent_path());
    }
  }
  add_film(input, study, films);
  return input;
}

/// The visible remainder of a structure that lies mostly beyond the edge of the film may have an
/// implausible mask or endplate, which is no reason for manual review. For a femoral head it is
/// still flagged.
void explain_by_edge(const std::vector<std::string>& not_in_film, std::vector<std::string>& flags) {
  for (const std::string& name : not_in_film) {
    if (name == "femoral heads") {
      for (const char* head : {"F1", "F2"}) {
        std::replace(flags.begin(), flags.end(), std::string("implausible_") + head,
                     std::string("cropped_") + head);
      }
      continue;
    }
    std::erase(flags, "unclear_" + name);
    std::erase(flags, "implausible_" + (name == "S1" ? "S" : name));
  }
}

Measured measure_located(Located located, const MeasureOptions& options) {
  Measured result;
  result.measurements = measure(located.landmarks, options);
  result.landmarks = std::move(located.landmarks);
  explain_by_edge(result.measurements.not_in_film, located.qc);
  auto& qc = result.measurements.qc;
  qc.insert(qc.end(), located.qc.begin(), located.qc.end());
  sort_flags(qc);
  return result;
}

/// The predicted landmarks in use; nullptr for none.
const PredictedLandmarks* predicted_in(const MeasureInput& input, const MeasureSettings& settings) {
  const bool taken =
      input.predicted && settings.takes_predicted() &&
      (!input.anterior || *input.anterior == input.predicted->located.landmarks.anterior);
  return taken ? &*input.predicted : nullptr;
}

/// Standard deviations of landmarks by `fit`, if known; nullptr otherwise.
const LandmarkUncertainty* uncertainty_of(const MeasureInput& input, const Landmarks& landmarks,
                                          const MeasureSettings& settings) {
  const auto& known = input.record.contour_uncertainty;
  const bool hold =
      known && settings.method == LandmarkMethod::fit && known->anterior == landmarks.anterior;
  return hold ? &known->uncertainty : nullptr;
}

Measured measure_input(const MeasureInput& input, const MeasureSettings& settings) {
  const MeasureOptions film{input.record.film.spacing, settings.angles, input.record.exposed};
  Measured result;
  if (const PredictedLandmarks* predicted = predicted_in(input, settings)) {
    result = measure_predicted(*predicted, film);
    // An anterior side given by the user is certain.
    if (input.anterior) std::erase(result.measurements.qc, "anterior_uncertain");
  } else if (input.masks) {
    result = locate_and_measure(*input.masks, film, input.anterior, settings);
    if (const auto* uncertainty = uncertainty_of(input, result.landmarks, settings)) {
      add_errors(result.landmarks, *uncertainty, film, result.measurements);
    }
  } else {
    result = {*input.landmarks, measure(*input.landmarks, film)};
  }
  auto& qc = result.measurements.qc;
  for (auto& flag : earlier_flags(input.record)) qc.push_back(std::move(flag));
  sort_flags(qc);
  return result;
}

}  // namespace

std::string_view to_string(LandmarkMethod method) {
  return method == LandmarkMethod::fit ? "fit" : "baseline";
}

json to_json(const MeasureSettings& settings) {
  json angles = json::array();
  for (const auto& pair : settings.angles) {
    angles.push_back(pair.upper.to_string() + ":" + pair.lower.to_string());
  }
  return {
      {"landmarks", settings.takes_predicted() ? "auto" : std::string(to_string(settings.method))},
      {"angles", angles}};
}

json study_overrides(const Study& study) {
  json overrides{{"anterior", "auto"}, {"spacing_mm", nullptr}};
  if (study.anterior) overrides["anterior"] = std::string(to_string(*study.anterior));
  if (study.spacing) overrides["spacing_mm"] = {study.spacing->row_mm, study.spacing->col_mm};
  return overrides;
}

Measured locate_and_measure(const MaskStack& masks, const MeasureOptions& options,
                            const std::optional<Side>& anterior, const MeasureSettings& settings) {
  LocateOptions locate_options;
  locate_options.method = settings.method;
  locate_options.anterior = anterior;
  locate_options.spacing = options.spacing;
  locate_options.exposed = options.exposed;
  return measure_located(locate(masks, locate_options), options);
}

Measured measure_predicted(const PredictedLandmarks& predicted, const MeasureOptions& options) {
  Measured result = measure_located(predicted.located, options);
  add_errors(result.landmarks, predicted.uncertainty, options, result.measurements);
  return result;
}

void add_errors(const Landmarks& landmarks, const LandmarkUncertainty& uncertainty,
                const MeasureOptions& options, Measurements& measurements) {
  add_standard_errors(landmarks, on_real_radiographs(uncertainty), options, measurements);
  flag_uncertain(measurements);
  flag_uncertain_heads(uncertainty, measurements.qc);
  sort_flags(measurements.qc);
}

MeasureJob::MeasureJob(const MeasureSettings& settings, const fs::path& films,
                       const InputOptions& naming)
    : settings_(settings),
      deidentification_{naming.keep_identifiers, std::nullopt},
      films_(films_by_id(films, naming)) {
  const bool overlay = !films.empty();
  StudyFiles& files = description_.files;
  files = {"measurements.json", {"landmarks.json"}};
  (overlay ? files.others : files.others_before).emplace_back("overlay.png");
  description_.options = to_json(settings);
  description_.options["overlay"] = overlay;
  if (overlay && naming.frame) description_.options["film_frame"] = *naming.frame;
  deidentification_.add_to_fingerprint(description_.options);
}

std::vector<fs::path> MeasureJob::input_files(const Study& study) const {
  return files_of(study.path, settings_.takes_predicted());
}

json MeasureJob::study_options(const Study& study) const {
  json options = study_overrides(study);
  add_to_fingerprint(record_of(study), options);
  return options;
}

MeasureInput MeasureJob::load(const Study& study) const {
  const auto timer = clock().time("read");
  return load_input(study, films_, settings_.takes_predicted());
}

Measured MeasureJob::process(const MeasureInput& input) const {
  const auto timer = clock().time("measure");
  return measure_input(input, settings_);
}

json MeasureJob::write(const Study& study, const MeasureInput& input, const Measured& measured,
                       const fs::path& folder, json provenance) const {
  const auto timer = clock().time("write");
  const PredictedLandmarks* predicted = predicted_in(input, settings_);
  if (predicted != nullptr) {
    write_predicted_landmarks(folder, *predicted);
    provenance["landmark_method"] = "predicted";
  } else {
    write_landmarks(folder / "landmarks.json", measured.landmarks);
    provenance["landmark_method"] = input.masks ? to_string(settings_.method) : "given";
  }
  if (input.image) write_overlay(input, measured, folder);
  json record = to_json(study.id, measured.measurements, input.record.film, provenance);
  add_to_record(input.record, record);
  return record;
}

void MeasureJob::write_overlay(const MeasureInput& input, const Measured& measured,
                               const fs::path& folder) const {
  const Image& film = *input.image;
  write_image(folder / "overlay.png", draw_overlay(deidentification_.cover(film).on(film),
                                                   input.masks ? &*input.masks : nullptr,
                                                   measured.landmarks, measured.measurements));
}

}  // namespace spine::batch
