#pragma once
#include "spine/batch/batch_run.h"
#include "spine/batch/measure_job.h"
#include "spine/infer/model.h"
#include "spine/stages/segment.h"

namespace spine::batch {

/// Weights by a name in the default manifest, or a .safetensors file, for which no manifest is
/// needed. @throws Error(weights | usage) as Model::load does.
Model load_model(const std::string& weights, const DeviceOptions& options);

/// The job of spine-seg: a film becomes masks.tif, labels.png, an overlay with outlines, and
/// segmentation.json, which tells spine-measure the film's spacing. A film without a spine is a
/// failure of kind no_spine. `model` and `clock` must outlive the job.
Job<Image, Segmentation> segment_job(Model& model, const SegmentOptions& options,
                                     StageClock& clock);

/// The job of spine-pipeline: the same, then landmarks and values: masks.tif, labels.png,
/// overlay.png, landmarks.json and measurements.json.
Job<Image, Segmentation> pipeline_job(Model& model, const SegmentOptions& options,
                                      const MeasureSettings& settings, StageClock& clock);

}  // namespace spine::batch
