#include "spine/batch/pipeline_job.h"

#include "spine/batch/restore_job.h"
#include "spine/io/image_io.h"
#include "spine/io/landmarks_io.h"
#include "spine/io/report_io.h"
#include "spine/render/overlay.h"
#include "spine/stages/locate/contour_quality.h"

namespace spine::batch {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

json to_json(const std::vector<ScoredLandmark>& scored) {
  json qualities = json::object();
  for (const ScoredLandmark& landmark : scored) {
    const ContourQuality& quality = landmark.quality;
    qualities[landmark.name] = {{"width", quality.width},
                                {"scatter", quality.scatter},
                                {"coverage", quality.coverage},
                                {"confidence", quality.confidence}};
  }
  return qualities;
}

}  // namespace

PipelineJob::PipelineJob(const Segmenter& segmenter, const SegmentOptions& options,
                         const RestoreStep& restore_step, const MeasureSettings& settings,
                         const Deidentification& deidentification, const DicomOutput& dicom)
    : segmenter_(segmenter),
      segment_options_(options),
      restore_step_(restore_step),
      settings_(settings),
      deidentification_(deidentification),
      dicom_(dicom) {
  describe_segmentation(segmenter, options, description_);
  description_.files = {"measurements.json",
                        {"masks.tif", "labels.png", "overlay.png", "landmarks.json", "restored.png",
                         "implant_mask.png"}};
  for (const auto& name : dicom.files()) description_.files.others.push_back(name);
  description_.options["measure"] = to_json(settings);
  deidentification.add_to_fingerprint(description_.options);
  dicom.add_to_fingerprint(description_.options, deidentification);
  description_.key = deidentification.key;
  describe_restoration();
}

/// Results depend on the restoration.
void PipelineJob::describe_restoration() {
  description_.options["restore"] = "never";
  if (restore_step_.restorer == nullptr) return;
  const Restorer& restorer = *restore_step_.restorer;
  require_networks(restorer, restore_step_.options);
  description_.weights["restore"] = weights_record(restorer);
  description_.options["restore"] = options_record(restore_step_.options, restorer);
}

PipelineResult PipelineJob::process(const StudyFilm& film) const {
  PipelineResult result;
  result.restoration = restore_film(film.image);
  const bool filled_in = result.restoration && result.restoration->filled_in;
  const auto timer = clock().time("segment");
  static_cast<SegmentedFilm&>(result) =
      segment_film(film, segmenter_, segment_options_,
                   filled_in ? &result.restoration->film : nullptr, settings_.takes_predicted());
  return result;
}

std::optional<Restoration> PipelineJob::restore_film(const Image& film) const {
  if (restore_step_.restorer == nullptr) return std::nullopt;
  const auto timer = clock().time("restore");
  return restore(film, *restore_step_.restorer, restore_step_.options);
}

json PipelineJob::write(const Study& study, const StudyFilm& film, const PipelineResult& result,
                        const fs::path& folder, json provenance) const {
  require_spine(study, result.segmentation);
  const Values values = measure_film(film, result);
  const Measured& measured = values.measured;
  if (!values.contour_quality.is_null()) provenance["outlines"] = values.contour_quality;

  const auto timer = clock().time("write");
  write_segmentation(result.segmentation, folder, provenance);
  if (result.landmarks) {
    write_predicted_landmarks(folder, *result.landmarks);
  } else {
    write_landmarks(folder / "landmarks.json", measured.landmarks);
  }
  const TextRedaction cover = deidentification_.cover(film.image);
  const cv::Mat overlay = draw_overlay(cover.on(film.image), &result.segmentation.masks,
                                       measured.landmarks, measured.measurements);
  write_image(folder / "overlay.png", overlay);
  if (dicom_.any()) {
    provenance["dicom_written"] =
        write_dicom(study, film, result, measured.measurements, overlay, provenance, folder);
  }
  provenance["landmark_method"] = landmark_method(result);

  json record = to_json(study.id, measured.measurements, film.image.info(), provenance);
  add_to_record(study_record(film, result.segmentation, values.contour_uncertainty, folder),
                record);
  if (const auto& restoration = result.restoration) {
    const bool found = restoration->found();
    // Report the network that filled in the implant.
    if (found || film.restoration.is_null()) record["restoration"] = to_json(*restoration);
    if (found) write_restoration(*restoration, cover, folder);
  }
  return record;
}

PipelineJob::Values PipelineJob::measure_film(const StudyFilm& film,
                                              const PipelineResult& result) const {
  const auto timer = clock().time("measure");
  const Segmentation& segmentation = result.segmentation;
  const FilmInfo& info = film.image.info();
  const MeasureOptions how{info.spacing, settings_.angles, film.exposed};
  Values values;
  values.contour_uncertainty = result.contour_uncertainty;
  Measured& measured = values.measured;
  measured = result.landmarks
                 ? measure_predicted(*result.landmarks, how)
                 : locate_and_measure(segmentation.masks, how, film.anterior, settings_);
  // The learned standard deviations do not apply to landmarks of the baseline method.
  if (result.landmarks || settings_.method == LandmarkMethod::fit) {
    const Landmarks& landmarks = measured.landmarks;
    const AnatomicalFrame frame(landmarks.anterior, info.spacing);
    const auto qualities = contour_qualities(landmarks, segmentation, frame);
    values.contour_quality = to_json(qualities);
    if (!result.landmarks) {
      values.contour_uncertainty = {landmarks.anterior, default_uncertainty(qualities)};
      add_errors(landmarks, values.contour_uncertainty->uncertainty, how, measured.measurements);
    }
  }
  add_flags(info, result.restoration, segmentation, measured.measurements.qc);
  return values;
}

bool PipelineJob::write_dicom(const Study& study, const StudyFilm& film,
                              const PipelineResult& result, const Measurements& measurements,
                              const cv::Mat& overlay, const json& provenance,
                              const fs::path& folder) const {
  return write_dicom_objects(dicom_, deidentification_, study, result.segmentation.masks,
                             film.image.info().orientation, measurements, overlay,
                             provenance.value("fingerprint", json()).dump(), folder);
}

std::string PipelineJob::landmark_method(const PipelineResult& result) const {
  return result.landmarks ? "predicted" : std::string(to_string(settings_.method));
}

}  // namespace spine::batch
