#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "spine/batch/batch_run.h"
#include "spine/batch/measure_job.h"
#include "spine/core/image.h"
#include "spine/infer/model.h"
#include "spine/stages/measure/film_extent.h"

namespace spine::batch {

/// The ROI refinement network that the manifest pairs with these weights; "none" if there is none,
/// and for files.
std::string default_roi_model(const std::string& weights);
/// The endplate network that the manifest pairs with these weights; "none" if there is none, and
/// for files.
std::string default_endplate_model(const std::string& weights);
/// Loads a network. @throws Error(weights) as Model::load.
Model load_model(const std::string& weights, const DeviceOptions& options);

/// Describes a network for run records: {"name", "sha256", "architecture", "file"}.
nlohmann::json weights_record(const ModelInfo& info);

/// A film and the study-specific settings that apply to it.
struct StudyFilm {
  Image image;
  std::optional<Side> anterior;             ///< nullopt: determined automatically
  cv::Rect exposed = exposed_field(image);  ///< exposed part of the film, in pixels
  nlohmann::json restoration = nullptr;     ///< StudyRecord::restoration, if the film was restored
};

/// Reads the film of a study. For a restored film (restored.png beside restoration.json or
/// measurements.json) spacing, notes and flags, including those of implants, are taken from the
/// record; a spacing given by the user for the study takes precedence.
/// @throws Error as read_film, Error(unreadable) for a damaged record
Image read_study_film(const Study& study);
/// Reads the film of a study as read_study_film(), with the settings that later steps need.
StudyFilm load_study_film(const Study& study);
/// The settings that affect a study's results besides the pixels of its film.
nlohmann::json film_study_options(const Study& study);

/// Sets what all jobs on films share: library versions, input files, study options, loading.
/// @tparam Film  Image or StudyFilm
template <class Film, class Processed>
void load_films(Job<Film, Processed>& job, StageClock& clock) {
  job.versions = {{"libtorch", SPINE_TORCH_VERSION}};
  job.input_files = [](const Study& study) {
    return std::vector<std::filesystem::path>{study.path};
  };
  job.study_options = film_study_options;
  job.load = [&clock](const Study& study) {
    const auto timer = clock.time("read");
    if constexpr (std::is_same_v<Film, Image>) {
      return read_study_film(study);
    } else {
      return load_study_film(study);
    }
  };
}

}  // namespace spine::batch
