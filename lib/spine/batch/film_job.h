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

/// Loads the segmentation networks, by name in the default manifest or from .safetensors files,
/// which need no manifest.
/// @param weights    the network of the whole-film prediction
/// @param roi        the network of the ROI refinement pass; "default": the one that the manifest
///                   pairs with `weights`, none for a file; "none": no refinement
/// @param endplates  the endplate network, likewise
/// @throws Error(weights | usage) as Model::load
Segmenter load_segmenter(const std::string& weights, const std::string& roi,
                         const std::string& endplates, const DeviceOptions& options);

/// The results of the networks for one film.
struct SegmentedFilm {
  Segmentation segmentation;
  std::optional<DrawnLandmarks> landmarks;  ///< nullopt without an endplate network
  std::optional<ContourUncertainty> contour_uncertainty = {};  ///< nullopt: not yet computed
};

/// The job of spine-seg. Writes masks.tif, labels.png, an overlay with outlines, landmarks.json if
/// endplates are predicted, and segmentation.json, which passes what is not in the masks to
/// spine-measure (StudyRecord, and all flags so far). A film without a spine is a failure of kind
/// no_spine. `segmenter` and `clock` must outlive the job.
/// @throws Error(weights) if a network does not have the required outputs
Job<StudyFilm, SegmentedFilm> segment_job(const Segmenter& segmenter, const SegmentOptions& options,
                                          StageClock& clock,
                                          const Deidentification& deidentification = {});

/// Optional restoration before segmentation.
struct RestoreStep {
  const Restorer* restorer = nullptr;  ///< null: no restoration
  RestoreOptions options;
};

/// Segmentation and landmarks refer to the film or, if implants were filled in, to the restored
/// film.
struct PipelineResult : SegmentedFilm {
  std::optional<Restoration> restoration;
};

/// The job of spine-pipeline: restoration, segmentation, landmarks, measurements. Writes masks.tif,
/// labels.png, overlay.png, landmarks.json and measurements.json; if an implant was found, also
/// restored.png and implant_mask.png, with the flag "implant", or "implant_not_restored" if its
/// area was too large to fill in; DICOM objects on request. The arguments taken by reference must
/// outlive the job.
/// @throws Error(weights) if a network does not have the required outputs
Job<StudyFilm, PipelineResult> pipeline_job(const Segmenter& segmenter,
                                            const SegmentOptions& options, RestoreStep restore_step,
                                            const MeasureSettings& settings, StageClock& clock,
                                            const Deidentification& deidentification = {},
                                            const DicomOutput& dicom = {});

}  // namespace spine::batch
