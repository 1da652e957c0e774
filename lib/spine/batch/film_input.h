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

/// The second look that goes with weights of the manifest; "none" where none does, and for files.
std::string default_roi_model(const std::string& weights);
/// The network that draws endplates and goes with weights of the manifest; likewise.
std::string usual_endplates(const std::string& weights);
/// @throws Error(weights) as Model::load does.
Model load_model(const std::string& weights, const DeviceOptions& options);

/// {"name", "sha256", "architecture", "file"}.
nlohmann::json weights_record(const ModelInfo& info);

/// A film, and what its study's user says of it.
struct StudyFilm {
  Image image;
  std::optional<Side> anterior;  ///< nullopt: to be found
  cv::Rect exposed = exposed_field(image);
  nlohmann::json restoration = nullptr;  ///< StudyRecord::restoration, of a restored film
};

/// A study's film. Of a restored one (restored.png beside restoration.json or measurements.json)
/// the record tells what was known of the film, flags of its metal among it; a spacing that the
/// user gives for the study goes before.
Image read_study_film(const Study& study);
/// The same with all that the following steps need to know of it.
StudyFilm load_study_film(const Study& study);
/// What a study's result depends on beside its film's pixels.
nlohmann::json film_study_options(const Study& study);

/// What all jobs on films share: libraries, input files, options of single studies, reading.
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
