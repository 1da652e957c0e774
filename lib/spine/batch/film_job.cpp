#include "spine/batch/film_job.h"

#include <algorithm>
#include <future>

#include "spine/batch/drawn_landmarks.h"
#include "spine/batch/film_input.h"
#include "spine/batch/film_record.h"
#include "spine/core/error.h"
#include "spine/core/flags.h"
#include "spine/io/image_io.h"
#include "spine/io/landmarks_io.h"
#include "spine/io/mask_io.h"
#include "spine/render/overlay.h"
#include "spine/stages/locate/contour_quality.h"
#include "spine/stages/locate/endplate_prediction.h"
#include "spine/stages/measure/film_extent.h"
#include "spine/stages/measure/standard_errors.h"
#include "spine/stages/segment/level_labelling.h"
#include "spine/util/schema.h"
#include "spine/util/sha256.h"

namespace spine::batch {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

json to_json(const SegmentOptions& options) {
  return {{"threshold", options.threshold},
          {"enforce_order", options.enforce_order},
          {"mirror_average", options.mirror_average},
          {"plain", options.raw_output}};
}

json confidence_by_structure(const Segmentation& segmentation) {
  json confidence = json::object();
  for (const Structure structure : kStructures) {
    confidence[std::string(to_string(structure))] = segmentation.confidence[index(structure)];
  }
  return confidence;
}

json to_json(const std::vector<ScoredLandmark>& scored) {
  json outlines = json::object();
  for (const ScoredLandmark& landmark : scored) {
    const ContourQuality& quality = landmark.quality;
    outlines[landmark.name] = {{"width", quality.width},
                               {"scatter", quality.scatter},
                               {"coverage", quality.coverage},
                               {"confidence", quality.confidence}};
  }
  return outlines;
}

void require_spine(const Study& study, const Segmentation& segmentation) {
  if (segmentation.spine_found) return;
  std::string why;
  for (const auto& note : segmentation.notes) why += "; " + note;
  throw Error(ErrorKind::no_spine, "segment: " + study.path.string() +
                                       ": expected a lateral lumbar spine, found none" + why);
}

void write_segmentation(const Segmentation& segmentation, const fs::path& folder,
                        json& provenance) {
  write_masks(folder / "masks.tif", segmentation.masks);
  write_labels(folder / "labels.png", segmentation.masks);
  provenance["confidence"] = confidence_by_structure(segmentation);
  provenance["segmentation_notes"] = segmentation.notes;
  provenance["labelling_ambiguity"] = segmentation.labelling_ambiguity;
}

/// Valid weights of a network for other structures would fail on every film.
void require_structures(const ModelInfo& info) {
  for (const Structure structure : kStructures) {
    const std::string name(to_string(structure));
    if (std::find(info.outputs.begin(), info.outputs.end(), name) != info.outputs.end()) continue;
    throw Error(ErrorKind::weights, "load weights: " + info.file.string() +
                                        ": expected outputs L1 to L5, S, F1 and F2, got none for " +
                                        name);
  }
}

/// Adds the flags of reading, restoration and segmentation.
void add_flags(const FilmInfo& film, const std::optional<Restoration>& restoration,
               const Segmentation& segmentation, std::vector<std::string>& qc) {
  qc.insert(qc.end(), film.flags.begin(), film.flags.end());
  if (restoration) {
    for (auto& flag : flags_of(*restoration)) qc.push_back(std::move(flag));
  }
  // The level labels may be wrong.
  if (segmentation.labelling_ambiguity > kMaxLabellingAmbiguity)
    qc.emplace_back("levels_uncertain");
  sort_flags(qc);
}

/// @param located  by `fit`, with the anterior side as requested
ContourUncertainty contour_uncertainty(const Landmarks& located, const Segmentation& segmentation,
                                       const FilmInfo& film) {
  const AnatomicalFrame frame(located.anterior, film.spacing);
  return {located.anterior, default_uncertainty(contour_qualities(located, segmentation, frame))};
}

LocateOptions locate_options(const StudyFilm& film) {
  LocateOptions options;
  options.anterior = film.anterior;
  options.spacing = film.image.info().spacing;
  options.exposed = film.exposed;
  return options;
}

/// What subsequent commands need besides flags. The masks are in the folder.
StudyRecord study_record(const StudyFilm& film, const Segmentation& segmentation,
                         const std::optional<ContourUncertainty>& uncertainty,
                         const fs::path& folder) {
  StudyRecord study;
  study.exposed = film.exposed;
  study.anterior = film.anterior;
  study.restoration = film.restoration;
  for (const char* name : {"masks.tif", "labels.png"}) {
    study.masks_sha256[name] = sha256_of_file(folder / name);
  }
  study.contour_uncertainty =
      uncertainty ? *uncertainty
                  : contour_uncertainty(locate(segmentation.masks, locate_options(film)).landmarks,
                                        segmentation, film.image.info());
  return study;
}

/// The landmarks of a film with a detected spine; endplates are predicted by the endplate network.
/// @param restored  as for segment()
void draw_endplates(const StudyFilm& film, const Image* restored, const Model& model,
                    SegmentedFilm& result) {
  const Segmentation& segmentation = result.segmentation;
  Located located = locate(segmentation.masks, locate_options(film));
  result.contour_uncertainty =
      contour_uncertainty(located.landmarks, segmentation, film.image.info());
  EndplatePrediction look = predict_endplates(film.image, located.landmarks, model, restored);
  located.landmarks = std::move(look.landmarks);
  located.qc.insert(located.qc.end(), look.qc.begin(), look.qc.end());
  // Standard deviations of heads come from their contours.
  const AnatomicalFrame frame(located.landmarks.anterior, film.image.info().spacing);
  look.uncertainty.femoral_heads =
      default_uncertainty(contour_qualities(located.landmarks, segmentation, frame)).femoral_heads;
  result.landmarks = {std::move(located), std::move(look.uncertainty)};
}

/// Segments a film and, if there is an endplate network, predicts its endplates.
SegmentedFilm segment_film(const StudyFilm& film, const Segmenter& segmenter,
                           const SegmentOptions& options, const Image* restored, bool endplates) {
  SegmentedFilm result;
  result.segmentation = segment(film.image, segmenter, options, restored);
  if (endplates && segmenter.endplates && !options.raw_output && result.segmentation.spine_found) {
    draw_endplates(film, restored, *segmenter.endplates, result);
  }
  return result;
}

/// Loads a network in another thread, unless its name is "none".
std::future<std::optional<Model>> load_model_if(const std::string& weights,
                                                const DeviceOptions& options) {
  return std::async(std::launch::async, [weights, options] {
    return weights == "none" ? std::nullopt : std::optional(load_model(weights, options));
  });
}

/// What both jobs share: everything except processing and writing.
template <class Processed>
Job<StudyFilm, Processed> film_job(const Segmenter& segmenter, const SegmentOptions& options,
                                   StageClock& clock) {
  const ModelInfo& info = segmenter.model.info();
  require_structures(info);
  Job<StudyFilm, Processed> job;
  load_films(job, clock);
  job.options = {{"segment", to_json(options)}, {"precision", info.precision}};
  job.weights = weights_record(info);
  if (segmenter.roi) {
    require_structures(segmenter.roi->info());
    job.weights["roi"] = weights_record(segmenter.roi->info());
    // Results depend on the ROI refinement network.
    job.options["segment"]["close_up_sha256"] = segmenter.roi->info().sha256;
  }
  if (segmenter.endplates) {
    require_endplates(segmenter.endplates->info());
    job.weights["endplates"] = weights_record(segmenter.endplates->info());
    job.options["segment"]["endplates_sha256"] = segmenter.endplates->info().sha256;
  }
  job.device = info.device;
  return job;
}

}  // namespace

Segmenter load_segmenter(const std::string& weights, const std::string& roi,
                         const std::string& endplates, const DeviceOptions& options) {
  const std::string second = roi == "default" ? default_roi_model(weights) : roi;
  const std::string third = endplates == "default" ? default_endplate_model(weights) : endplates;
  DeviceOptions exact = options;
  exact.precision = "fp32";  // endplate angles need full precision
  // In parallel, since a command on a single film spends much of its time here.
  auto loaded_roi = load_model_if(second, options);
  auto loaded_endplates = load_model_if(third, exact);
  return {load_model(weights, options), loaded_roi.get(), loaded_endplates.get()};
}

Job<StudyFilm, SegmentedFilm> segment_job(const Segmenter& segmenter, const SegmentOptions& options,
                                          StageClock& clock,
                                          const Deidentification& deidentification) {
  auto job = film_job<SegmentedFilm>(segmenter, options, clock);
  deidentification.add_to_fingerprint(job.options);
  job.process = [&segmenter, &clock, options](const StudyFilm& film) {
    const auto timer = clock.time("segment");
    return segment_film(film, segmenter, options, nullptr, /*endplates=*/true);
  };
  job.files = {"segmentation.json", {"masks.tif", "labels.png", "overlay.png"}};
  (segmenter.endplates ? job.files.others : job.files.others_before).emplace_back("landmarks.json");
  job.write = [&clock, deidentification](const Study& study, const StudyFilm& film,
                                         const SegmentedFilm& result, const fs::path& folder,
                                         json provenance) {
    const Segmentation& segmentation = result.segmentation;
    require_spine(study, segmentation);
    const auto timer = clock.time("write");
    write_segmentation(segmentation, folder, provenance);
    Landmarks none;
    none.size = film.image.size();
    if (result.landmarks) write_drawn_landmarks(folder, *result.landmarks);
    write_image(folder / "overlay.png",
                draw_overlay(deidentification.cover(film.image).on(film.image), &segmentation.masks,
                             result.landmarks ? result.landmarks->located.landmarks : none, {}));
    Measurements flags;
    if (result.landmarks) flags.qc = result.landmarks->located.qc;
    add_flags(film.image.info(), std::nullopt, segmentation, flags.qc);
    json record = to_json(study.id, flags, film.image.info(), provenance);
    record["schema"] = kSegmentationSchema;
    record.erase("measurements");
    add_to_record(study_record(film, segmentation, result.contour_uncertainty, folder), record);
    return record;
  };
  return job;
}

Job<StudyFilm, PipelineResult> pipeline_job(const Segmenter& segmenter,
                                            const SegmentOptions& options, RestoreStep restore_step,
                                            const MeasureSettings& settings, StageClock& clock,
                                            const Deidentification& deidentification,
                                            const DicomOutput& dicom) {
  auto job = film_job<PipelineResult>(segmenter, options, clock);
  job.files = {"measurements.json",
               {"masks.tif", "labels.png", "overlay.png", "landmarks.json", "restored.png",
                "implant_mask.png"}};
  for (const auto& name : dicom.files()) job.files.others.push_back(name);
  job.options["measure"] = to_json(settings);
  deidentification.add_to_fingerprint(job.options);
  dicom.add_to_fingerprint(job.options, deidentification);
  job.key = deidentification.key;
  job.options["restore"] = "never";
  if (restore_step.restorer != nullptr) {
    const Restorer& restorer = *restore_step.restorer;
    require_networks(restorer, restore_step.options);
    job.weights["restore"] = weights_record(restorer);
    // Results depend on the restoration.
    job.options["restore"] = options_record(restore_step.options, restorer);
  }
  job.process = [&segmenter, &clock, options, restore_step,
                 drawn = settings.takes_drawn()](const StudyFilm& film) {
    PipelineResult result;
    const Image* filled_in = nullptr;
    if (restore_step.restorer != nullptr) {
      const auto timer = clock.time("restore");
      result.restoration = restore(film.image, *restore_step.restorer, restore_step.options);
      if (result.restoration->filled_in) filled_in = &result.restoration->film;
    }
    const auto timer = clock.time("segment");
    static_cast<SegmentedFilm&>(result) = segment_film(film, segmenter, options, filled_in, drawn);
    return result;
  };
  job.write = [&clock, settings, deidentification, dicom](
                  const Study& study, const StudyFilm& study_film, const PipelineResult& result,
                  const fs::path& folder, json provenance) {
    const Image& film = study_film.image;
    const Segmentation& segmentation = result.segmentation;
    require_spine(study, segmentation);
    std::optional<ContourUncertainty> uncertainty = result.contour_uncertainty;
    const Measured measured = [&] {
      const auto timer = clock.time("measure");
      const auto scored = [&](const Landmarks& landmarks) {
        const AnatomicalFrame frame(landmarks.anterior, film.info().spacing);
        const auto qualities = contour_qualities(landmarks, segmentation, frame);
        provenance["outlines"] = to_json(qualities);
        return default_uncertainty(qualities);
      };
      const MeasureOptions how{film.info().spacing, settings.angles, study_film.exposed};
      Measured values;
      if (result.landmarks) {
        values = measure_drawn(*result.landmarks, how);
        scored(values.landmarks);
      } else {
        values = locate_and_measure(segmentation.masks, how, study_film.anterior, settings);
        // The learned standard deviations do not apply to landmarks of the baseline method.
        if (settings.method == LandmarkMethod::fit) {
          uncertainty = ContourUncertainty{values.landmarks.anterior, scored(values.landmarks)};
          add_errors(values.landmarks, uncertainty->uncertainty, how, values.measurements);
        }
      }
      add_flags(film.info(), result.restoration, segmentation, values.measurements.qc);
      return values;
    }();
    const auto timer = clock.time("write");
    write_segmentation(segmentation, folder, provenance);
    if (result.landmarks) {
      write_drawn_landmarks(folder, *result.landmarks);
    } else {
      write_landmarks(folder / "landmarks.json", measured.landmarks);
    }
    const TextRedaction cover = deidentification.cover(film);
    const cv::Mat overlay = draw_overlay(cover.on(film), &segmentation.masks, measured.landmarks,
                                         measured.measurements);
    write_image(folder / "overlay.png", overlay);
    if (dicom.any()) {
      provenance["dicom_written"] = write_dicom_objects(
          dicom, deidentification, study, segmentation.masks, film.info().orientation,
          measured.measurements, overlay, provenance.value("fingerprint", json()).dump(), folder);
    }
    provenance["landmark_method"] =
        result.landmarks ? "drawn" : std::string(to_string(settings.method));
    json record = to_json(study.id, measured.measurements, film.info(), provenance);
    add_to_record(study_record(study_film, segmentation, uncertainty, folder), record);
    if (result.restoration) {
      const bool found = result.restoration->found();
      // Report the network that filled in the implant.
      if (found || study_film.restoration.is_null()) {
        record["restoration"] = to_json(*result.restoration);
      }
      if (found) write_restoration(*result.restoration, cover, folder);
    }
    return record;
  };
  return job;
}

}  // namespace spine::batch
