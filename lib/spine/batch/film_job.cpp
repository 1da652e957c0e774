#include "spine/batch/film_job.h"

#include <algorithm>

#include "spine/core/error.h"
#include "spine/infer/manifest.h"
#include "spine/io/image_io.h"
#include "spine/io/landmarks_io.h"
#include "spine/io/mask_io.h"
#include "spine/io/overlay.h"

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

bool is_weights_file(const std::string& weights) {
  return fs::path(weights).extension() == ".safetensors" || fs::is_regular_file(weights);
}

json weights_record(const ModelInfo& info) {
  return {{"name", info.name},
          {"sha256", info.sha256},
          {"architecture", info.architecture},
          {"file", info.file.string()}};
}

/// What both jobs share: everything but what is written.
Job<Image, Segmentation> film_job(Segmenter& segmenter, const SegmentOptions& options,
                                  StageClock& clock) {
  const ModelInfo& info = segmenter.model.info();
  require_structures(info);
  Job<Image, Segmentation> job;
  job.options = {{"segment", to_json(options)}};
  job.weights = weights_record(info);
  if (segmenter.close_up) {
    require_structures(segmenter.close_up->info());
    job.weights["close_up"] = weights_record(segmenter.close_up->info());
    // Results of another second look are other results.
    job.options["segment"]["close_up_sha256"] = segmenter.close_up->info().sha256;
  }
  job.device = info.device;
  job.versions = {{"libtorch", SPINE_TORCH_VERSION}};
  job.input_files = [](const Study& study) { return std::vector<fs::path>{study.path}; };
  job.study_options = study_overrides;
  job.load = [&clock](const Study& study) {
    const auto timer = clock.time("read");
    ReadOptions read_options;
    read_options.spacing = study.spacing;
    return read_film(study.path, read_options);
  };
  job.process = [&segmenter, &clock, options](std::span<const Image* const> films) {
    const auto timer = clock.time("segment");
    return segment(films, segmenter, options);
  };
  return job;
}

/// The second look that goes with weights of the manifest; "none" where none does, and for files.
std::string usual_close_up(const std::string& weights) {
  if (is_weights_file(weights)) return "none";
  const Manifest manifest = read_weights_manifest(default_manifest());
  const WeightsEntry* entry = manifest.find(weights);
  return entry == nullptr || entry->close_up.empty() ? "none" : entry->close_up;
}

}  // namespace

Segmenter load_segmenter(const std::string& weights, const std::string& close_up,
                         const DeviceOptions& options) {
  const auto load = [&](const std::string& name) {
    return Model::load(name, is_weights_file(name) ? fs::path() : default_manifest(), options);
  };
  Segmenter segmenter{load(weights), std::nullopt};
  const std::string second = close_up == "default" ? usual_close_up(weights) : close_up;
  if (second != "none") segmenter.close_up = load(second);
  return segmenter;
}

Job<Image, Segmentation> segment_job(Segmenter& segmenter, const SegmentOptions& options,
                                     StageClock& clock) {
  Job<Image, Segmentation> job = film_job(segmenter, options, clock);
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

Job<Image, Segmentation> pipeline_job(Segmenter& segmenter, const SegmentOptions& options,
                                      const MeasureSettings& settings, StageClock& clock) {
  Job<Image, Segmentation> job = film_job(segmenter, options, clock);
  job.files = {"measurements.json", {"masks.tif", "labels.png", "overlay.png", "landmarks.json"}};
  job.options["measure"] = to_json(settings);
  job.options["restore"] = "never";
  job.write = [&clock, settings](const Study& study, const Image& film,
                                 const Segmentation& segmentation, const fs::path& folder,
                                 json provenance) {
    require_spine(study, segmentation);
    const auto measured = [&] {
      const auto timer = clock.time("measure");
      return locate_and_measure(segmentation.masks, film.info(), study.anterior, settings);
    }();
    const auto timer = clock.time("write");
    write_segmentation(segmentation, folder, provenance);
    write_landmarks(folder / "landmarks.json", measured.landmarks);
    write_image(folder / "overlay.png",
                draw_overlay(film, &segmentation.masks, measured.landmarks, measured.measurements));
    provenance["landmark_method"] = std::string(to_string(settings.method));
    return to_json(study.id, measured.measurements, film.info(), provenance);
  };
  return job;
}

}  // namespace spine::batch
