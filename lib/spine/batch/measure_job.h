#pragma once
#include <filesystem>
#include <optional>
#include <vector>

#include "spine/batch/batch_run.h"
#include "spine/batch/deidentification.h"
#include "spine/batch/drawn_landmarks.h"
#include "spine/batch/film_record.h"
#include "spine/batch/inputs.h"
#include "spine/stages/locate/locate.h"
#include "spine/stages/measure/measure.h"

namespace spine::batch {

/// How masks become values; the same for spine-measure and spine-pipeline.
struct MeasureSettings {
  LandmarkMethod method = LandmarkMethod::fit;
  bool drawn = true;  ///< with `fit`: take endplates that a network drew, where there are some
  std::vector<AnglePair> angles;  ///< chosen pairs of endplates, besides the standard values
  [[nodiscard]] bool takes_drawn() const { return drawn && method == LandmarkMethod::fit; }
};

/// Landmarks and all values of one film.
struct Measured {
  Landmarks landmarks;
  Measurements measurements;
};

/// locate, then measure, with the flags of both.
/// @param film  its spacing, chosen angles, and exposed part
Measured locate_and_measure(const MaskStack& masks, const MeasureOptions& film,
                            const std::optional<Side>& anterior, const MeasureSettings& settings);

/// The same for landmarks that a network drew, with standard errors.
Measured measure_drawn(const DrawnLandmarks& drawn, const MeasureOptions& film);

/// Adds standard errors to what landmarks measure, and the flags of those that are large.
void add_errors(const Landmarks& landmarks, const LandmarkUncertainty& uncertainty,
                const MeasureOptions& film, Measurements& measurements);

/// "fit", "baseline".
std::string_view to_string(LandmarkMethod method);
/// The settings by name, for fingerprints and run records.
nlohmann::json to_json(const MeasureSettings& settings);
/// What a command line or manifest says of one study, for its fingerprint.
nlohmann::json study_overrides(const Study& study);

/// One input of spine-measure.
struct MeasureInput {
  std::optional<MaskStack> masks;       ///< either these
  std::optional<Landmarks> landmarks;   ///< or these
  std::optional<DrawnLandmarks> drawn;  ///< what a network drew: for the masks, or as given
  std::optional<Side> anterior;         ///< as asked for; nullopt: found from the masks
  /// What is known without the film; of changed masks nothing that was found out of them.
  StudyRecord record;
  std::optional<Image> image;  ///< the film, for the overlay
};

/// The job of spine-measure: masks.tif, a label image, a folder of per-class images, or
/// landmarks.json become landmarks.json, measurements.json and, with films, overlay.png. Beside
/// masks.tif, landmarks that a network drew for it are taken (drawn_landmarks.h), unless the
/// settings or another anterior side say otherwise.
///
/// What cannot be seen in them (spacing, flags of earlier stages, how sure outlines were) is taken
/// from segmentation.json or measurements.json beside them, and written on; a spacing or side that
/// the user gives goes before, one of the film comes after. Masks that were changed since are
/// measured as they are, and flags that tell of the network's masks (FlagSource::segmentation) are
/// dropped.
/// @param films   a folder whose films have the ids of the studies; empty: no overlays
/// @param naming  how films of DICOM get their names, and whether identifiers are kept
Job<MeasureInput, Measured> measure_job(const MeasureSettings& settings,
                                        const std::filesystem::path& films, StageClock& clock,
                                        const InputOptions& naming = {});

}  // namespace spine::batch
