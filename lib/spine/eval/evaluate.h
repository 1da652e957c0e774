#pragma once
#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "spine/core/measurements.h"
#include "spine/core/structure.h"
#include "spine/eval/error_stats.h"

namespace spine {

/// What is compared.
struct EvaluateOptions {
  bool landmarks_only = false;  ///< ignore masks: no Dice
  bool hausdorff = false;       ///< also the 95 % Hausdorff distance, in pixels (slower)
  int threads = 1;              ///< number of studies compared concurrently
};

/// StudyEvaluation::error of a study without a prediction.
inline constexpr const char* kNoPrediction = "no prediction";
/// Whether an error is any other one: existing files cannot be compared.
inline bool is_fault(const std::string& error) { return !error.empty() && error != kNoPrediction; }

/// Comparison of one study with its reference. Empty optionals: nothing to compare.
struct StudyEvaluation {
  std::string study;
  std::string error;   ///< why prediction or reference are missing or unreadable; empty: neither
  bool counts = true;  ///< false if the reference cannot be read
  std::array<std::optional<double>, kStructureCount> dice, hausdorff95_px;
  /// Like `dice`, but with F1 and F2 matched to give the higher Dice: for heads at nearly the same
  /// anterior position one pixel decides which is F1.
  std::array<std::optional<double>, kStructureCount> dice_either_way;
};

/// The errors of one measurement over all studies.
struct MetricEvaluation {
  std::string name, unit;
  std::vector<ValuePair> pairs;      ///< studies with a reference value
  std::vector<std::string> studies;  ///< ids, parallel to `pairs`
  ErrorStats stats;
};

/// The result of evaluate().
struct Evaluation {
  std::vector<StudyEvaluation> studies;   ///< all studies of the reference, sorted by name
  std::vector<MetricEvaluation> metrics;  ///< in the order of the reference
  bool has_masks = false;                 ///< whether Dice was computed
};

/// Compares two folders of studies: `<study>/masks.tif`, measurements.json, landmarks.json.
///
/// Every study of the reference counts: one without a prediction has Dice 0 for every structure in
/// the reference and completes no measurement. A measurement outside the film counts as not
/// completed if the reference has it, and is ignored otherwise. Reference values come from
/// measurements.json, or else from landmarks.json (measured with the spacing stated by the
/// prediction). A length in another unit than the reference is not completed, and lengths in mm and
/// in px are separate metrics. Dice is omitted if no study of the prediction has masks. A study
/// whose reference cannot be read is listed but does not count.
/// @throws Error(not_found) if a folder is missing or holds no study, Error(unreadable) if a folder
/// cannot be listed
Evaluation evaluate(const std::filesystem::path& predictions, const std::filesystem::path& truth,
                    const EvaluateOptions& options = {});

/// Names of the studies of a folder: its folders with masks.tif, landmarks.json or
/// measurements.json, sorted.
/// @throws Error(not_found | unreadable)
std::vector<std::string> study_names(const std::filesystem::path& folder);

/// The values of a study's measurements.json, or else the measurements of its landmarks.json in
/// pixels; empty if there is neither. @throws Error(unreadable)
std::vector<Measurement> values_of_study(const std::filesystem::path& study);

/// Whether any study could not be compared because one of its files cannot be read.
bool any_unreadable(const Evaluation& evaluation);

}  // namespace spine
