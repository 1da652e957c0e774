#include "spine/batch/film_job.h"

#include <algorithm>

#include "spine/batch/film_input.h"
#include "spine/core/error.h"
#include "spine/io/image_io.h"
#include "spine/io/landmarks_io.h"
#include "spine/io/mask_io.h"
#include "spine/io/overlay.h"
#include "spine/stages/outline_trust.h"
#include "spine/stages/standard_errors.h"

namespace spine::batch {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

json to_json(const SegmentOptions& options) {
  return {{"threshold", options.threshold},
          {"enforce_order", options.enforce_order},
          {"mirror_average", options.mirror_average}};
}

json confidence_by_structure(const Segmentation& segmentation) {
  json confidence = json::object();
  for (const Structure structure : kStructures) {
    confidence[std::string(to_string(structure))] = segmentation.confidence[index(structure)];
  }
  return confidence;
}

json to_json(const std::vector<TrustedLandmark>& trusted) {
  json outlines = json::object();
  for (const TrustedLandmark& landmark : trusted) {
    const OutlineTrust& trust = landmark.trust;
    outlines[landmark.name] = {{"width", trust.width},
                               {"scatter", trust.scatter},
                               {"coverage", trust.coverage},
                               {"confidence", trust.confidence}};
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
}

/// Weights of a sound network that shows something else would fail on every film alike.
void require_structures(const ModelInfo& info) {
  for (const Structure structure : kStructures) {
    const std::string name(to_string(structure));
    if (std::find(info.outputs.begin(), info.outputs.end(), name) != info.outputs.end()) continue;
    throw Error(ErrorKind::weights, "load weights: " + info.file.string() +
                                        ": expected outputs L1 to L5, S, F1 and F2, got none for " +
                                        name);
  }
}

/// What both jobs share: everything but what is done and written.
template <class Processed>
Job<Image, Processed> film_job(Segmenter& segmenter, const SegmentOptions& options,
                               StageClock& clock) {
  const ModelInfo& info = segmenter.model.info();
  require_structures(info);
  Job<Image, Processed> job;
  take_films(job, clock);
  job.options = {{"segment", to_json(options)}};
  job.weights = weights_record(info);
  if (segmenter.close_up) {
    require_structures(segmenter.close_up->info());
    job.weights["close_up"] = weights_record(segmenter.close_up->info());
    // Results of another second look are other results.
    job.options["segment"]["close_up_sha256"] = segmenter.close_up->info().sha256;
  }
  job.device = info.device;
  return job;
}

}  // namespace

Segmenter load_segmenter(const std::string& weights, const std::string& close_up,
                         const DeviceOptions& options) {
  Segmenter segmenter{load_model(weights, options), std::nullopt};
  const std::string second = close_up == "default" ? usual_close_up(weights) : close_up;
  if (second != "none") segmenter.close_up = load_model(second, options);
  return segmenter;
}

Job<Image, Segmentation> segment_job(Segmenter& segmenter, const SegmentOptions& options,
                                     StageClock& clock) {
  auto job = film_job<Segmentation>(segmenter, options, clock);
  job.process = [&segmenter, &clock, options](std::span<const Image* const> films) {
    const auto timer = clock.time("segment");
    return segment(films, segmenter, options);
  };
  job.files = {"segmentation.json", {"masks.tif", "labels.png", "overlay.png"}};
  job.write = [&clock](const Study& study, const Image& film, const Segmentation& segmentation,
                       const fs::path& folder, json provenance) {
    require_spine(study, segmentation);
    const auto timer = clock.time("write");
    write_segmentation(segmentation, folder, provenance);
    Landmarks none;
    none.size = film.size();
    write_image(folder / "overlay.png", draw_overlay(film, &segmentation.masks, none, {}));
    json record = to_json(study.id, Measurements{}, film.info(), provenance);
    record["schema"] = "spine-segmentation/1";
    record.erase("measurements");
    record.erase("qc");
    return record;
  };
  return job;
}

Job<Image, PipelineResult> pipeline_job(Segmenter& segmenter, const SegmentOptions& options,
                                        RestoreStep restore_step, const MeasureSettings& settings,
                                        StageClock& clock) {
  auto job = film_job<PipelineResult>(segmenter, options, clock);
  job.files = {"measurements.json",
               {"masks.tif", "labels.png", "overlay.png", "landmarks.json", "restored.png",
                "implant_mask.png"}};
  job.options["measure"] = to_json(settings);
  job.options["restore"] = "never";
  if (restore_step.restorer != nullptr) {
    const Restorer& restorer = *restore_step.restorer;
    require_networks(restorer, restore_step.options);
    job.weights["restore"] = weights_record(restorer);
    // Results of other restored films are other results.
    job.options["restore"] = options_record(restore_step.options, restorer);
  }
  job.process = [&segmenter, &clock, options, restore_step](std::span<const Image* const> films) {
    std::vector<PipelineResult> results(films.size());
    std::vector<const Image*> filled_in(films.size(), nullptr);
    if (restore_step.restorer != nullptr) {
      const auto timer = clock.time("restore");
      auto restored = restore(films, *restore_step.restorer, restore_step.options);
      for (std::size_t i = 0; i < films.size(); ++i) {
        results[i].restoration = std::move(restored[i]);
        if (results[i].restoration->filled_in) filled_in[i] = &results[i].restoration->film;
      }
    }
    const auto timer = clock.time("segment");
    auto segmentations = segment(films, segmenter, options, filled_in);
    for (std::size_t i = 0; i < films.size(); ++i) {
      results[i].segmentation = std::move(segmentations[i]);
    }
    return results;
  };
  job.write = [&clock, settings](const Study& study, const Image& film,
                                 const PipelineResult& result, const fs::path& folder,
                                 json provenance) {
    const Segmentation& segmentation = result.segmentation;
    require_spine(study, segmentation);
    const Measured measured = [&] {
      const auto timer = clock.time("measure");
      Measured values =
          locate_and_measure(segmentation.masks, film.info(), study.anterior, settings);
      // Landmarks of the prototype's method have other errors than those that were learned.
      if (settings.method == LandmarkMethod::fit) {
        const auto trusted = outline_trusts(values.landmarks, segmentation);
        add_standard_errors(values.landmarks, usual_spreads(trusted),
                            {film.info().spacing, settings.angles}, values.measurements);
        provenance["outlines"] = to_json(trusted);
      }
      return values;
    }();
    const auto timer = clock.time("write");
    write_segmentation(segmentation, folder, provenance);
    write_landmarks(folder / "landmarks.json", measured.landmarks);
    write_image(folder / "overlay.png",
                draw_overlay(film, &segmentation.masks, measured.landmarks, measured.measurements));
    provenance["landmark_method"] = std::string(to_string(settings.method));
    json record = to_json(study.id, measured.measurements, film.info(), provenance);
    if (result.restoration) {
      const Restoration& restoration = *result.restoration;
      record["restoration"] = to_json(restoration);
      if (restoration.found()) {
        write_restoration(restoration, folder);
        record["qc"].push_back(restoration.filled_in ? "implant" : "implant_not_restored");
      }
    }
    return record;
  };
  return job;
}

}  // namespace spine::batch
