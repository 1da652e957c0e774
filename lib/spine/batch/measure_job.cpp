#include "spine/batch/measure_job.h"

#include <algorithm>
#include <map>

#include "spine/batch/drawn_landmarks.h"
#include "spine/batch/failure.h"
#include "spine/batch/film_record.h"
#include "spine/core/error.h"
#include "spine/core/review.h"
#include "spine/io/image_io.h"
#include "spine/io/landmarks_io.h"
#include "spine/io/mask_io.h"
#include "spine/io/overlay.h"
#include "spine/stages/standard_errors.h"

namespace spine::batch {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// The file that a study named by its folder is measured from; the folder itself where it holds one
/// image a structure.
fs::path main_file(const fs::path& input) {
  if (!fs::is_directory(input)) return input;
  for (const char* name : {"masks.tif", "landmarks.json"}) {
    if (fs::is_regular_file(input / name)) return input / name;
  }
  return input;
}

bool holds_landmarks(const fs::path& file) { return file.extension() == ".json"; }

/// The folder's drawn landmarks are among them where they are taken.
std::vector<fs::path> files_of(const fs::path& input, bool drawn) {
  const fs::path file = main_file(input);
  if (!fs::is_directory(file)) {
    std::vector<fs::path> files{file};
    if (drawn && file != input && read_drawn_landmarks(input)) {
      files.push_back(input / "landmarks.json");
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

/// What is known of the film that the masks come from.
FilmInfo film_info(const Study& study) {
  const fs::path folder = fs::is_directory(study.path) ? study.path : study.path.parent_path();
  for (const char* name : {"segmentation.json", "measurements.json"}) {
    if (!fs::is_regular_file(folder / name)) continue;
    return with_spacing(read_film_record(folder / name), study.spacing);
  }
  return with_spacing({}, study.spacing);
}

/// Films by study id, named by the same rule as those that spine-seg works on.
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

/// @throws Error as read_film, which names the film as it may be shown.
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
    input.film.notes.push_back("no overlay: --film has no film of this name");
    return;
  }
  input.image = read_named_film(film->second, study.spacing);
  const cv::Size expected = input.masks ? input.masks->size() : input.landmarks->size;
  if (input.image->size() != expected) {
    const auto text = [](cv::Size s) {
      return std::to_string(s.width) + "x" + std::to_string(s.height);
    };
    throw Error(ErrorKind::unsupported, "overlay: film " + film->second.shown +
                                            ": expected the size of the masks, " + text(expected) +
                                            ", got " + text(input.image->size()));
  }
  if (!input.film.spacing) {
    input.film.spacing = input.image->info().spacing;
    input.film.spacing_source = input.image->info().spacing_source;
  }
}

/// @param drawn  whether landmarks that a network drew are taken
MeasureInput load_input(const Study& study, const std::map<std::string, Study>& films, bool drawn) {
  MeasureInput input;
  input.film = film_info(study);
  input.anterior = study.anterior;
  const fs::path file = main_file(study.path);
  if (holds_landmarks(file)) {
    input.landmarks = read_landmarks(file);
    if (study.anterior) input.landmarks->anterior = *study.anterior;
  } else {
    input.masks = read_masks(file);
    if (drawn && file != study.path) input.drawn = read_drawn_landmarks(study.path);
  }
  add_film(input, study, films);
  return input;
}

void append_new(std::vector<std::string>& flags, const std::vector<std::string>& more) {
  for (const auto& flag : more) {
    if (std::find(flags.begin(), flags.end(), flag) == flags.end()) flags.push_back(flag);
  }
}

Measured measure_located(Located located, const FilmInfo& film, const MeasureSettings& settings) {
  Measured result;
  result.measurements = measure(located.landmarks, {film.spacing, settings.angles});
  result.landmarks = std::move(located.landmarks);
  append_new(result.measurements.qc, located.qc);
  return result;
}

/// The drawn landmarks that are taken; nullptr for none.
const DrawnLandmarks* drawn_in(const MeasureInput& input, const MeasureSettings& settings) {
  const bool taken =
      input.drawn && settings.takes_drawn() &&
      (!input.anterior || *input.anterior == input.drawn->located.landmarks.anterior);
  return taken ? &*input.drawn : nullptr;
}

}  // namespace

std::string_view to_string(LandmarkMethod method) {
  return method == LandmarkMethod::fit ? "fit" : "report";
}

json to_json(const MeasureSettings& settings) {
  json angles = json::array();
  for (const auto& pair : settings.angles) {
    angles.push_back(pair.upper.to_string() + ":" + pair.lower.to_string());
  }
  return {{"landmarks", settings.takes_drawn() ? "auto" : std::string(to_string(settings.method))},
          {"angles", angles}};
}

json study_overrides(const Study& study) {
  json overrides{{"anterior", "auto"}, {"spacing_mm", nullptr}};
  if (study.anterior) overrides["anterior"] = std::string(to_string(*study.anterior));
  if (study.spacing) overrides["spacing_mm"] = {study.spacing->row_mm, study.spacing->col_mm};
  return overrides;
}

Measured locate_and_measure(const MaskStack& masks, const FilmInfo& film,
                            const std::optional<Side>& anterior, const MeasureSettings& settings) {
  LocateOptions locate_options;
  locate_options.method = settings.method;
  locate_options.anterior = anterior;
  locate_options.spacing = film.spacing;
  return measure_located(locate(masks, locate_options), film, settings);
}

Measured measure_drawn(const DrawnLandmarks& drawn, const FilmInfo& film,
                       const MeasureSettings& settings) {
  Measured result = measure_located(drawn.located, film, settings);
  add_standard_errors(result.landmarks, drawn.spreads, {film.spacing, settings.angles},
                      result.measurements);
  flag_uncertain(result.measurements);
  return result;
}

Job<MeasureInput, Measured> measure_job(const MeasureSettings& settings, const fs::path& films,
                                        StageClock& clock, const InputOptions& naming) {
  const Privacy privacy{naming.keep_identifiers, std::nullopt};
  Job<MeasureInput, Measured> job;
  job.files = {"measurements.json", {"landmarks.json"}};
  (films.empty() ? job.files.others_before : job.files.others).emplace_back("overlay.png");
  job.options = to_json(settings);
  job.options["overlay"] = !films.empty();
  if (!films.empty() && naming.frame) job.options["film_frame"] = *naming.frame;
  privacy.note_in(job.options);
  job.input_files = [drawn = settings.takes_drawn()](const Study& study) {
    return files_of(study.path, drawn);
  };
  job.study_options = [](const Study& study) {
    json options = study_overrides(study);
    const auto spacing = film_info(study).spacing;
    if (spacing) options["spacing_mm"] = {spacing->row_mm, spacing->col_mm};
    return options;
  };
  job.load = [by_id = films_by_id(films, naming), drawn = settings.takes_drawn(),
              &clock](const Study& study) {
    const auto timer = clock.time("read");
    return load_input(study, by_id, drawn);
  };
  job.process = [settings, &clock](std::span<const MeasureInput* const> batch) {
    const auto timer = clock.time("measure");
    std::vector<Measured> results;
    for (const MeasureInput* input : batch) {
      if (const DrawnLandmarks* drawn = drawn_in(*input, settings)) {
        results.push_back(measure_drawn(*drawn, input->film, settings));
      } else if (input->masks) {
        results.push_back(
            locate_and_measure(*input->masks, input->film, input->anterior, settings));
      } else {
        results.push_back({*input->landmarks,
                           measure(*input->landmarks, {input->film.spacing, settings.angles})});
      }
    }
    return results;
  };
  job.write = [settings, privacy, &clock](const Study& study, const MeasureInput& input,
                                          const Measured& measured, const fs::path& folder,
                                          json provenance) {
    const auto timer = clock.time("write");
    const DrawnLandmarks* drawn = drawn_in(input, settings);
    if (drawn != nullptr) {
      write_drawn_landmarks(folder, *drawn);
    } else {
      write_landmarks(folder / "landmarks.json", measured.landmarks);
    }
    if (input.image) {
      write_image(folder / "overlay.png", draw_overlay(privacy.cover(*input.image).on(*input.image),
                                                       input.masks ? &*input.masks : nullptr,
                                                       measured.landmarks, measured.measurements));
    }
    provenance["landmark_method"] = drawn != nullptr ? std::string("drawn")
                                    : input.masks    ? std::string(to_string(settings.method))
                                                     : std::string("given");
    return to_json(study.id, measured.measurements, input.film, provenance);
  };
  return job;
}

}  // namespace spine::batch
