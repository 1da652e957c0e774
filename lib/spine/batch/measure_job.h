#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "spine/batch/deidentification.h"
#include "spine/batch/film_record.h"
#include "spine/batch/inputs.h"
#include "spine/batch/predicted_landmarks.h"
#include "spine/batch/study_job.h"
#include "spine/stages/locate/locate.h"
#include "spine/stages/measure/measure.h"

namespace spine::batch {

/// How measurements are computed from masks; shared by spine-measure and spine-pipeline.
struct MeasureSettings {
  LandmarkMethod method = LandmarkMethod::fit;
  bool predicted =
      true;  ///< with `fit`: use endplates predicted by the endplate network, if available
  /// Angles between chosen endplates, besides the standard measurements.
  std::vector<AnglePair> angles;
  /// Whether predicted endplates are used.
  [[nodiscard]] bool takes_predicted() const { return predicted && method == LandmarkMethod::fit; }
};

/// Landmarks and all measurements of one film.
struct Measured {
  Landmarks landmarks;
  Measurements measurements;
};

/// Locates landmarks in masks and measures them; flags of both steps are combined.
/// @param masks     in film pixels
/// @param film      spacing, chosen angles, and exposed part of the film
/// @param anterior  nullopt: determined from the masks
Measured locate_and_measure(const MaskStack& masks, const MeasureOptions& film,
                            const std::optional<Side>& anterior, const MeasureSettings& settings);

/// The same for landmarks predicted by the endplate network, with standard errors.
Measured measure_predicted(const PredictedLandmarks& predicted, const MeasureOptions& film);

/// Adds standard errors to the measurements of landmarks, and flags for large ones.
void add_errors(const Landmarks& landmarks, const LandmarkUncertainty& uncertainty,
                const MeasureOptions& film, Measurements& measurements);

/// The name of a landmark method: "fit", "baseline".
std::string_view to_string(LandmarkMethod method);
/// The settings by name, for fingerprints and run records.
nlohmann::json to_json(const MeasureSettings& settings);
/// The study-specific settings of the command line or manifest, for the fingerprint.
nlohmann::json study_overrides(const Study& study);

/// One input of spine-measure.
struct MeasureInput {
  std::optional<MaskStack> masks;      ///< either masks
  std::optional<Landmarks> landmarks;  ///< or landmarks
  /// Predicted by the endplate network: for these masks, or as the input.
  std::optional<PredictedLandmarks> predicted;
  std::optional<Side> anterior;  ///< as given by the user; nullopt: determined from the masks
  /// The record of the study; if the masks were edited, without what was derived from them.
  StudyRecord record;
  std::optional<Image> image;  ///< the film, for the overlay
};

/// The job of spine-measure. From masks.tif, a label image, a folder of per-class images, or
/// landmarks.json it writes landmarks.json, measurements.json and, if films are given, overlay.png.
/// With masks.tif, landmarks that the endplate network predicted for it (predicted_landmarks.h) are
/// used unless the settings or another anterior side exclude them.
///
/// What masks do not contain (spacing, flags of earlier stages, standard deviations from contour
/// quality) is read from segmentation.json or measurements.json beside them and passed on. A
/// spacing or side given by the user takes precedence over the record, the record over the film.
/// Masks that were edited are measured as they are, without the flags of the segmentation
/// (FlagSource::segmentation).
class MeasureJob : public StepwiseJob<MeasureInput, Measured> {
 public:
  /// @param films   a folder of films named by the ids of the studies; empty: no overlays
  /// @param naming  how DICOM films are named, and whether identifiers are kept
  /// @throws Error(usage) if `films` is not a folder of films
  MeasureJob(const MeasureSettings& settings, const std::filesystem::path& films,
             const InputOptions& naming = {});

  [[nodiscard]] std::vector<std::filesystem::path> input_files(const Study& study) const override;
  [[nodiscard]] nlohmann::json study_options(const Study& study) const override;
  [[nodiscard]] MeasureInput load(const Study& study) const override;
  [[nodiscard]] Measured process(const MeasureInput& input) const override;
  nlohmann::json write(const Study& study, const MeasureInput& input, const Measured& measured,
                       const std::filesystem::path& folder,
                       nlohmann::json provenance) const override;

 private:
  void write_overlay(const MeasureInput& input, const Measured& measured,
                     const std::filesystem::path& folder) const;

  MeasureSettings settings_;
  Deidentification deidentification_;
  std::map<std::string, Study> films_;  ///< by study id
};

}  // namespace spine::batch
