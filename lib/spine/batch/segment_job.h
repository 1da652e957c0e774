#pragma once
#include "spine/batch/deidentification.h"
#include "spine/batch/film_segmentation.h"

namespace spine::batch {

/// The job of spine-seg. Writes masks.tif, labels.png, an overlay with outlines, landmarks.json if
/// endplates are predicted, and segmentation.json, which passes what is not in the masks to
/// spine-measure (StudyRecord, and all flags so far). A film without a spine is a failure of kind
/// no_spine.
class SegmentJob : public FilmJob<SegmentedFilm> {
 public:
  /// @param segmenter  must outlive the job
  /// @throws Error(weights) if a network does not have the required outputs
  SegmentJob(const Segmenter& segmenter, const SegmentOptions& options,
             const Deidentification& deidentification = {});

  [[nodiscard]] SegmentedFilm process(const StudyFilm& film) const override;
  nlohmann::json write(const Study& study, const StudyFilm& film, const SegmentedFilm& result,
                       const std::filesystem::path& folder,
                       nlohmann::json provenance) const override;

 private:
  void write_overlay(const StudyFilm& film, const SegmentedFilm& result,
                     const std::filesystem::path& folder) const;

  const Segmenter& segmenter_;
  SegmentOptions options_;
  Deidentification deidentification_;
};

}  // namespace spine::batch
