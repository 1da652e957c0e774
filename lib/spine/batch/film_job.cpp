#include "spine/batch/film_job.h"

#include <algorithm>

#include "spine/batch/drawn_landmarks.h"
#include "spine/batch/film_input.h"
#include "spine/batch/film_record.h"
#include "spine/core/error.h"
#include "spine/core/review.h"
#include "spine/core/sha256.h"
#include "spine/io/image_io.h"
#include "spine/io/landmarks_io.h"
#include "spine/io/mask_io.h"
#include "spine/io/overlay.h"
#include "spine/stages/column.h"
#include "spine/stages/endplate_look.h"
#include "spine/stages/film_extent.h"
#include "spine/stages/outline_trust.h"
#include "spine/stages/standard_errors.h"

namespace spine::batch {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

json to_json(const SegmentOptions& options) {
  return {{"threshold", options.threshold},
          {"enforce_order", options.enforce_order},
          {"mirror_average", options.mirror_average},
          {"plain", options.plain}};
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
  provenance["level_doubt"] = segmentation.level_doubt;
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

std::vector<const Image*> images_of(std::span<const StudyFilm* const> films) {
  std::vector<const Image*> images;
  images.reserve(films.size());
  for (const StudyFilm* film : films) images.push_back(&film->image);
  return images;
}

/// Adds what reading, restoration and segmentation found.
void add_flags(const FilmInfo& film, const std::optional<Restoration>& restoration,
               const Segmentation& segmentation, std::vector<std::string>& qc) {
  qc.insert(qc.end(), film.flags.begin(), film.flags.end());
  if (restoration) {
    for (auto& flag : flags_of(*restoration)) qc.push_back(std::move(flag));
  }
  // Which level is which may be wrong.
  if (segmentation.level_doubt > kMaxLevelDoubt) qc.emplace_back("levels_uncertain");
  sort_flags(qc);
}

/// @param located  by `fit`, with the front as it was asked for
OutlineSpreads outline_spreads(const Landmarks& located, const Segmentation& segmentation,
                               const FilmInfo& film) {
  const AnatomicalFrame frame(located.anterior, film.spacing);
  return {located.anterior, usual_spreads(outline_trusts(located, segmentation, frame))};
}

LocateOptions locate_options(const StudyFilm& film) {
  LocateOptions options;
  options.anterior = film.anterior;
  options.spacing = film.image.info().spacing;
  options.exposed = exposed_field(film.image);
  return options;
}

/// What the commands that follow need to know besides flags. The masks are in the folder.
StudyRecord study_record(const StudyFilm& film, const Segmentation& segmentation,
                         const std::optional<OutlineSpreads>& spreads, const fs::path& folder) {
  StudyRecord study;
  study.exposed = exposed_field(film.image);
  study.anterior = film.anterior;
  for (const char* name : {"masks.tif", "labels.png"}) {
    study.masks_sha256[name] = sha256_of_file(folder / name);
  }
  study.outline_spreads =
      spreads ? *spreads
              : outline_spreads(locate(segmentation.masks, locate_options(film)).landmarks,
                                segmentation, film.image.info());
  return study;
}

/// The landmarks of films in which a spine was found, with endplates as the network draws them.
/// @param restored  as for segment()
void draw_endplates(std::span<const StudyFilm* const> films, std::span<const Image* const> restored,
                    Model& model, std::vector<SegmentedFilm>& results) {
  std::vector<const Image*> images, others;
  std::vector<Landmarks> found;
  std::vector<SegmentedFilm*> shown;
  for (std::size_t i = 0; i < films.size(); ++i) {
    const Segmentation& segmentation = results[i].segmentation;
    if (!segmentation.spine_found) continue;
    results[i].landmarks = {locate(segmentation.masks, locate_options(*films[i])), {}};
    results[i].outline_spreads = outline_spreads(results[i].landmarks->located.landmarks,
                                                 segmentation, films[i]->image.info());
    images.push_back(&films[i]->image);
    others.push_back(restored.empty() ? nullptr : restored[i]);
    found.push_back(results[i].landmarks->located.landmarks);
    shown.push_back(&results[i]);
  }
  auto looks = look_at_endplates(images, found, model, others);
  for (std::size_t i = 0; i < shown.size(); ++i) {
    DrawnLandmarks& drawn = *shown[i]->landmarks;
    drawn.located.landmarks = std::move(looks[i].landmarks);
    drawn.spreads = std::move(looks[i].spreads);
    auto& qc = drawn.located.qc;
    qc.insert(qc.end(), looks[i].qc.begin(), looks[i].qc.end());
    // Heads are as their outlines are.
    const Landmarks& landmarks = drawn.located.landmarks;
    const AnatomicalFrame frame(landmarks.anterior, images[i]->info().spacing);
    drawn.spreads.femoral_heads =
        usual_spreads(outline_trusts(landmarks, shown[i]->segmentation, frame)).femoral_heads;
  }
}

/// Segments films and, where there is a network for it, draws their endplates.
std::vector<SegmentedFilm> look_at(std::span<const StudyFilm* const> films, Segmenter& segmenter,
                                   const SegmentOptions& options,
                                   std::span<const Image* const> restored, bool endplates) {
  auto segmentations = segment(images_of(films), segmenter, options, restored);
  std::vector<SegmentedFilm> results(films.size());
  for (std::size_t i = 0; i < films.size(); ++i) {
    results[i].segmentation = std::move(segmentations[i]);
  }
  if (endplates && segmenter.endplates && !options.plain) {
    draw_endplates(films, restored, *segmenter.endplates, results);
  }
  return results;
}

/// What both jobs share: everything but what is done and written.
template <class Processed>
Job<StudyFilm, Processed> film_job(Segmenter& segmenter, const SegmentOptions& options,
                                   StageClock& clock) {
  const ModelInfo& info = segmenter.model.info();
  require_structures(info);
  Job<StudyFilm, Processed> job;
  take_films(job, clock);
  job.options = {{"segment", to_json(options)}};
  job.weights = weights_record(info);
  if (segmenter.close_up) {
    require_structures(segmenter.close_up->info());
    job.weights["close_up"] = weights_record(segmenter.close_up->info());
    // Results of another second look are other results.
    job.options["segment"]["close_up_sha256"] = segmenter.close_up->info().sha256;
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

Segmenter load_segmenter(const std::string& weights, const std::string& close_up,
                         const std::string& endplates, const DeviceOptions& options) {
  Segmenter segmenter{load_model(weights, options), std::nullopt, std::nullopt};
  const std::string second = close_up == "default" ? usual_close_up(weights) : close_up;
  if (second != "none") segmenter.close_up = load_model(second, options);
  const std::string third = endplates == "default" ? usual_endplates(weights) : endplates;
  if (third != "none") segmenter.endplates = load_model(third, options);
  return segmenter;
}

Job<StudyFilm, SegmentedFilm> segment_job(Segmenter& segmenter, const SegmentOptions& options,
                                          StageClock& clock, const Privacy& privacy) {
  auto job = film_job<SegmentedFilm>(segmenter, options, clock);
  privacy.note_in(job.options);
  job.process = [&segmenter, &clock, options](std::span<const StudyFilm* const> films) {
    const auto timer = clock.time("segment");
    return look_at(films, segmenter, options, {}, /*endplates=*/true);
  };
  job.files = {"segmentation.json", {"masks.tif", "labels.png", "overlay.png"}};
  (segmenter.endplates ? job.files.others : job.files.others_before).emplace_back("landmarks.json");
  job.write = [&clock, privacy](const Study& study, const StudyFilm& film,
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
                draw_overlay(privacy.cover(film.image).on(film.image), &segmentation.masks,
                             result.landmarks ? result.landmarks->located.landmarks : none, {}));
    Measurements flags;
    if (result.landmarks) flags.qc = result.landmarks->located.qc;
    add_flags(film.image.info(), std::nullopt, segmentation, flags.qc);
    json record = to_json(study.id, flags, film.image.info(), provenance);
    record["schema"] = "spine-segmentation/1";
    record.erase("measurements");
    add_to_record(study_record(film, segmentation, result.outline_spreads, folder), record);
    return record;
  };
  return job;
}

Job<StudyFilm, PipelineResult> pipeline_job(Segmenter& segmenter, const SegmentOptions& options,
                                            RestoreStep restore_step,
                                            const MeasureSettings& settings, StageClock& clock,
                                            const Privacy& privacy, const DicomOutput& dicom) {
  auto job = film_job<PipelineResult>(segmenter, options, clock);
  job.files = {"measurements.json",
               {"masks.tif", "labels.png", "overlay.png", "landmarks.json", "restored.png",
                "implant_mask.png"}};
  for (const auto& name : dicom.files()) job.files.others.push_back(name);
  job.options["measure"] = to_json(settings);
  privacy.note_in(job.options);
  dicom.note_in(job.options, privacy);
  job.options["restore"] = "never";
  if (restore_step.restorer != nullptr) {
    const Restorer& restorer = *restore_step.restorer;
    require_networks(restorer, restore_step.options);
    job.weights["restore"] = weights_record(restorer);
    // Results of other restored films are other results.
    job.options["restore"] = options_record(restore_step.options, restorer);
  }
  job.process = [&segmenter, &clock, options, restore_step,
                 drawn = settings.takes_drawn()](std::span<const StudyFilm* const> films) {
    std::vector<PipelineResult> results(films.size());
    std::vector<const Image*> filled_in(films.size(), nullptr);
    if (restore_step.restorer != nullptr) {
      const auto timer = clock.time("restore");
      auto restored = restore(images_of(films), *restore_step.restorer, restore_step.options);
      for (std::size_t i = 0; i < films.size(); ++i) {
        results[i].restoration = std::move(restored[i]);
        if (results[i].restoration->filled_in) filled_in[i] = &results[i].restoration->film;
      }
    }
    const auto timer = clock.time("segment");
    auto looked_at = look_at(films, segmenter, options, filled_in, drawn);
    for (std::size_t i = 0; i < films.size(); ++i) {
      static_cast<SegmentedFilm&>(results[i]) = std::move(looked_at[i]);
    }
    return results;
  };
  job.write = [&clock, settings, privacy, dicom](const Study& study, const StudyFilm& study_film,
                                                 const PipelineResult& result,
                                                 const fs::path& folder, json provenance) {
    const Image& film = study_film.image;
    const Segmentation& segmentation = result.segmentation;
    require_spine(study, segmentation);
    std::optional<OutlineSpreads> spreads = result.outline_spreads;
    const Measured measured = [&] {
      const auto timer = clock.time("measure");
      const auto trusted = [&](const Landmarks& landmarks) {
        const AnatomicalFrame frame(landmarks.anterior, film.info().spacing);
        const auto trusts = outline_trusts(landmarks, segmentation, frame);
        provenance["outlines"] = to_json(trusts);
        return usual_spreads(trusts);
      };
      const MeasureOptions how{film.info().spacing, settings.angles, exposed_field(film)};
      Measured values;
      if (result.landmarks) {
        values = measure_drawn(*result.landmarks, how);
        trusted(values.landmarks);
      } else {
        values = locate_and_measure(segmentation.masks, how, study_film.anterior, settings);
        // Landmarks of the prototype's method have other errors than those that were learned.
        if (settings.method == LandmarkMethod::fit) {
          spreads = OutlineSpreads{values.landmarks.anterior, trusted(values.landmarks)};
          add_errors(values.landmarks, spreads->spreads, how, values.measurements);
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
    const TextCover cover = privacy.cover(film);
    const cv::Mat overlay = draw_overlay(cover.on(film), &segmentation.masks, measured.landmarks,
                                         measured.measurements);
    write_image(folder / "overlay.png", overlay);
    if (dicom.any()) {
      provenance["dicom_written"] = write_dicom_objects(
          dicom, privacy, study, segmentation.masks, film.info().orientation, measured.measurements,
          overlay, provenance.value("fingerprint", json()).dump(), folder);
    }
    provenance["landmark_method"] =
        result.landmarks ? "drawn" : std::string(to_string(settings.method));
    json record = to_json(study.id, measured.measurements, film.info(), provenance);
    add_to_record(study_record(study_film, segmentation, spreads, folder), record);
    if (result.restoration) {
      record["restoration"] = to_json(*result.restoration);
      if (result.restoration->found()) write_restoration(*result.restoration, cover, folder);
    }
    return record;
  };
  return job;
}

}  // namespace spine::batch
