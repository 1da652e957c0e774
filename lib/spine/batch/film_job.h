#pragma once
#include <optional>
#include <string>

#include "spine/batch/batch_run.h"
#include "spine/batch/deidentification.h"
#include "spine/batch/dicom_output.h"
#include "spine/batch/drawn_landmarks.h"
#include "spine/batch/film_input.h"
#include "spine/batch/film_record.h"
#include "spine/batch/measure_job.h"
#include "spine/batch/restore_job.h"
#include "spine/infer/model.h"
#include "spine/stages/segment/segment.h"

namespace spine::batch {

/// Weights by a name in the default manifest, or a .safetensors file, for which no manifest is
/// needed.
/// @param roi  the same for the second look; "default": the network that the manifest gives to
///                  the first one, none for a file; "none": no second look
/// @param endplates  the same for the network that draws endplates
/// @throws Error(weights | usage) as Model::load does.
Segmenter load_segmenter(const std::string& weights, const std::string& roi,
                         const std::string& endplates, const DeviceOptions& options);

/// What the networks say of one film.
struct SegmentedFilm {
  Segmentation segmentation;
  std::optional<DrawnLandmarks> landmarks;  ///< nullopt without a network that draws endplates
  std::optional<ContourUncertainty> contour_uncertainty = {};  ///< nullopt: not known yet
};

/// The job of spine-seg: a film becomes masks.tif, labels.png, an overlay with outlines, where
/// endplates are drawn landmarks.json, and segmentation.json, which tells spine-measure what is not
/// in the masks (StudyRecord, and all flags so far). A film without a spine is a failure of kind
/// no_spine. `segmenter` and `clock` must outlive the job.
Job<StudyFilm, SegmentedFilm> segment_job(const Segmenter& segmenter, const SegmentOptions& options,
                                          StageClock& clock,
                                          const Deidentification& deidentification = {});

/// Restoration as a step before segmentation.
struct RestoreStep {
  const Restorer* restorer = nullptr;  ///< null: films are taken as they are
  RestoreOptions options;
};

/// Segmentation and landmarks are of the film and, where metal was filled in, of the restored one.
struct PipelineResult : SegmentedFilm {
  std::optional<Restoration> restoration;
};

/// The job of spine-pipeline: restoration, segmentation, then landmarks and values: masks.tif,
/// labels.png, overlay.png, landmarks.json and measurements.json; restored.png and implant_mask.png
/// where metal was found, and the flag "implant" then, or "implant_not_restored" where it was too
/// much to fill in; DICOM objects on request. What it is given must outlive the job.
Job<StudyFilm, PipelineResult> pipeline_job(const Segmenter& segmenter,
                                            const SegmentOptions& options, RestoreStep restore_step,
                                            const MeasureSettings& settings, StageClock& clock,
                                            const Deidentification& deidentification = {},
                                            const DicomOutput& dicom = {});

}  // namespace spine::batch
