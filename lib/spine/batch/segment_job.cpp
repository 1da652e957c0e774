#include "spine/batch/segment_job.h"

#include "spine/io/image_io.h"
#include "spine/io/report_io.h"
#include "spine/render/overlay.h"
#include "spine/util/schema.h"

namespace spine::batch {

namespace fs = std::filesystem;
using nlohmann::json;

SegmentJob::SegmentJob(const Segmenter& segmenter, const SegmentOptions& options,
                       const Deidentification& deidentification)
    : segmenter_(segmenter), options_(options), deidentification_(deidentification) {
  describe_segmentation(segmenter, options, description_);
  deidentification.add_to_fingerprint(description_.options);
  StudyFiles& files = description_.files;
  files = {"segmentation.json", {"masks.tif", "labels.png", "overlay.png"}};
  (segmenter.endplates ? files.others : files.others_before).emplace_back("landmarks.json");
}

SegmentedFilm SegmentJob::process(const StudyFilm& film) const {
  const auto timer = clock().time("segment");
  return segment_film(film, segmenter_, options_, nullptr, /*endplates=*/true);
}

json SegmentJob::write(const Study& study, const StudyFilm& film, const SegmentedFilm& result,
                       const fs::path& folder, json provenance) const {
  const Segmentation& segmentation = result.segmentation;
  require_spine(study, segmentation);
  const auto timer = clock().time("write");
  write_segmentation(segmentation, folder, provenance);
  if (result.landmarks) write_predicted_landmarks(folder, *result.landmarks);
  write_overlay(film, result, folder);
  Measurements flags;
  if (result.landmarks) flags.qc = result.landmarks->located.qc;
  add_flags(film.image.info(), std::nullopt, segmentation, flags.qc);
  json record = to_json(study.id, flags, film.image.info(), provenance);
  record["schema"] = kSegmentationSchema;
  record.erase("measurements");
  add_to_record(study_record(film, segmentation, result.contour_uncertainty, folder), record);
  return record;
}

void SegmentJob::write_overlay(const StudyFilm& film, const SegmentedFilm& result,
                               const fs::path& folder) const {
  Landmarks none;
  none.size = film.image.size();
  const Landmarks& landmarks = result.landmarks ? result.landmarks->located.landmarks : none;
  write_image(folder / "overlay.png",
              draw_overlay(deidentification_.cover(film.image).on(film.image),
                           &result.segmentation.masks, landmarks, {}));
}

}  // namespace spine::batch
