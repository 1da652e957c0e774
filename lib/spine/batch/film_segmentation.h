#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "spine/batch/film_input.h"
#include "spine/batch/film_record.h"
#include "spine/batch/predicted_landmarks.h"
#include "spine/batch/study_job.h"
#include "spine/infer/model.h"
#include "spine/stages/restore/restore.h"
#include "spine/stages/segment/segment.h"

// Segmentation of one film with what is derived from it: the part that spine-seg and spine-pipeline
// share.

namespace spine::batch {

/// Loads the segmentation networks, by name in the default manifest or from .safetensors files,
/// which need no manifest.
/// @param weights    the network of the whole-film prediction
/// @param roi        the network of the ROI refinement pass; "default": the one that the manifest
///                   pairs with `weights`, none for a file; "none": no refinement
/// @param endplates  the endplate network, likewise
/// @throws Error(weights | usage) as Model::load
Segmenter load_segmenter(const std::string& weights, const std::string& roi,
                         const std::string& endplates, const DeviceOptions& options);

/// Adds the options and networks of the segmentation to the description of a job.
/// @throws Error(weights) if a network does not have the required outputs
void describe_segmentation(const Segmenter& segmenter, const SegmentOptions& options,
                           JobDescription& description);

/// The results of the networks for one film.
struct SegmentedFilm {
  Segmentation segmentation;
  std::optional<PredictedLandmarks> landmarks;  ///< nullopt without an endplate network
  std::optional<ContourUncertainty> contour_uncertainty = {};  ///< nullopt: not yet computed
};

/// Segments a film and, if there is an endplate network, predicts its endplates.
/// @param restored   as for segment(); may be null
/// @param endplates  false: do not use the endplate network
/// @throws Error(out_of_memory) as segment()
SegmentedFilm segment_film(const StudyFilm& film, const Segmenter& segmenter,
                           const SegmentOptions& options, const Image* restored, bool endplates);

/// @throws Error(no_spine) with the notes of the segmentation if no spine was detected
void require_spine(const Study& study, const Segmentation& segmentation);

/// Writes masks.tif and labels.png, and adds confidence and notes to the provenance.
/// @throws Error(output)
void write_segmentation(const Segmentation& segmentation, const std::filesystem::path& folder,
                        nlohmann::json& provenance);

/// Adds the flags of reading, restoration and segmentation.
void add_flags(const FilmInfo& film, const std::optional<Restoration>& restoration,
               const Segmentation& segmentation, std::vector<std::string>& qc);

/// What subsequent commands need besides flags.
/// @param uncertainty  nullopt: to be computed
/// @param folder       holds masks.tif and labels.png
StudyRecord study_record(const StudyFilm& film, const Segmentation& segmentation,
                         const std::optional<ContourUncertainty>& uncertainty,
                         const std::filesystem::path& folder);

}  // namespace spine::batch
