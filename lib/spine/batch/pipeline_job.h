#pragma once
#include <optional>

#include "spine/batch/deidentification.h"
#include "spine/batch/dicom_output.h"
#include "spine/batch/film_segmentation.h"
#include "spine/batch/measure_job.h"

namespace spine::batch {

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
/// area was too large to fill in; DICOM objects on request.
class PipelineJob : public FilmJob<PipelineResult> {
 public:
  /// @param segmenter     must outlive the job
  /// @param restore_step  its restorer must outlive the job
  /// @throws Error(weights) if a network does not have the required outputs
  PipelineJob(const Segmenter& segmenter, const SegmentOptions& options,
              const RestoreStep& restore_step, const MeasureSettings& settings,
              const Deidentification& deidentification = {}, const DicomOutput& dicom = {});

  [[nodiscard]] PipelineResult process(const StudyFilm& film) const override;
  nlohmann::json write(const Study& study, const StudyFilm& film, const PipelineResult& result,
                       const std::filesystem::path& folder,
                       nlohmann::json provenance) const override;

 private:
  /// The values of a film.
  struct Values {
    Measured measured;
    std::optional<ContourUncertainty> contour_uncertainty;
    nlohmann::json contour_quality;  ///< by landmark, for the provenance; null: not assessed
  };

  void describe_restoration();
  [[nodiscard]] std::optional<Restoration> restore_film(const Image& film) const;
  [[nodiscard]] Values measure_film(const StudyFilm& film, const PipelineResult& result) const;
  /// @returns whether the film is a DICOM file, so that there are DICOM objects
  bool write_dicom(const Study& study, const StudyFilm& film, const PipelineResult& result,
                   const Measurements& measurements, const cv::Mat& overlay,
                   const nlohmann::json& provenance, const std::filesystem::path& folder) const;
  [[nodiscard]] std::string landmark_method(const PipelineResult& result) const;

  const Segmenter& segmenter_;
  SegmentOptions segment_options_;
  RestoreStep restore_step_;
  MeasureSettings settings_;
  Deidentification deidentification_;
  DicomOutput dicom_;
};

}  // namespace spine::batch
