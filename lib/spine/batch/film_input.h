#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "spine/batch/study_job.h"
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

/// Reads the film of a study, with the settings that later steps need. For a restored film
/// (restored.png beside restoration.json or measurements.json) spacing, notes and flags, including
/// those of implants, are taken from the record; a spacing given by the user for the study takes
/// precedence.
/// @throws Error as read_film, Error(unreadable) for a damaged record
StudyFilm load_study_film(const Study& study);
/// The settings that affect a study's results besides the pixels of its film.
nlohmann::json film_study_options(const Study& study);

/// What all jobs on films share: where a film is, how it is read, the version of LibTorch.
template <class Processed>
class FilmJob : public StepwiseJob<StudyFilm, Processed> {
 public:
  [[nodiscard]] std::vector<std::filesystem::path> input_files(const Study& study) const override {
    return {study.path};
  }
  [[nodiscard]] nlohmann::json study_options(const Study& study) const override {
    return film_study_options(study);
  }
  [[nodiscard]] StudyFilm load(const Study& study) const override {
    const auto timer = this->clock().time("read");
    return load_study_film(study);
  }

 protected:
  FilmJob() { this->description_.versions = {{"libtorch", SPINE_TORCH_VERSION}}; }
};

}  // namespace spine::batch
