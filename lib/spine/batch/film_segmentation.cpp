#include "spine/batch/film_segmentation.h"

#include <algorithm>
#include <future>
#include <utility>

#include "spine/batch/restore_job.h"
#include "spine/core/error.h"
#include "spine/core/flags.h"
#include "spine/io/mask_io.h"
#include "spine/stages/locate/contour_quality.h"
#include "spine/stages/locate/endplate_prediction.h"
#include "spine/stages/segment/level_labelling.h"
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

/// Adds the landmarks of a film with a detected spine; the endplate network predicts the endplates.
/// @param restored  as for segment()
void add_predicted_endplates(const StudyFilm& film, const Image* restored, const Model& model,
                             SegmentedFilm& result) {
  const Segmentation& segmentation = result.segmentation;
  Located located = locate(segmentation.masks, locate_options(film));
  result.contour_uncertainty =
      contour_uncertainty(located.landmarks, segmentation, film.image.info());
  EndplatePrediction prediction = predict_endplates(film.image, located.landmarks, model, restored);
  located.landmarks = std::move(prediction.landmarks);
  located.qc.insert(located.qc.end(), prediction.qc.begin(), prediction.qc.end());
  // Standard deviations of heads come from their contours.
  const AnatomicalFrame frame(located.landmarks.anterior, film.image.info().spacing);
  prediction.uncertainty.femoral_heads =
      default_uncertainty(contour_qualities(located.landmarks, segmentation, frame)).femoral_heads;
  result.landmarks = {std::move(located), std::move(prediction.uncertainty)};
}

/// Loads a network in another thread, unless its name is "none".
std::future<std::optional<Model>> load_model_if(const std::string& weights,
                                                const DeviceOptions& options) {
  return std::async(std::launch::async, [weights, options] {
    return weights == "none" ? std::nullopt : std::optional(load_model(weights, options));
  });
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

void describe_segmentation(const Segmenter& segmenter, const SegmentOptions& options,
                           JobDescription& description) {
  const ModelInfo& info = segmenter.model.info();
  require_structures(info);
  json& record = description.options["segment"];
  record = to_json(options);
  description.options["precision"] = info.precision;
  description.weights = weights_record(info);
  description.device = info.device;
  if (segmenter.roi) {
    require_structures(segmenter.roi->info());
    description.weights["roi"] = weights_record(segmenter.roi->info());
    record["roi_sha256"] = segmenter.roi->info().sha256;
  }
  if (segmenter.endplates) {
    require_endplates(segmenter.endplates->info());
    description.weights["endplates"] = weights_record(segmenter.endplates->info());
    record["endplates_sha256"] = segmenter.endplates->info().sha256;
  }
}

SegmentedFilm segment_film(const StudyFilm& film, const Segmenter& segmenter,
                           const SegmentOptions& options, const Image* restored, bool endplates) {
  SegmentedFilm result;
  result.segmentation = segment(film.image, segmenter, options, restored);
  if (endplates && segmenter.endplates && !options.raw_output && result.segmentation.spine_found) {
    add_predicted_endplates(film, restored, *segmenter.endplates, result);
  }
  return result;
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

}  // namespace spine::batch
