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

struct EvaluateOptions {
  bool landmarks_only = false;  ///< no masks: Dice is left out
  bool hausdorff = false;       ///< also the 95 % Hausdorff distance, in pixels (slower)
  int threads = 1;              ///< studies compared at once
};

/// StudyEvaluation::error of a study that only the truth has.
inline constexpr const char* kNoPrediction = "no prediction";
/// Whether an error is another one: something that is there cannot be compared.
inline bool is_fault(const std::string& error) { return !error.empty() && error != kNoPrediction; }

/// One study against its truth. Empty optionals: nothing to compare.
struct StudyEvaluation {
  std::string study;
  std::string error;  ///< why prediction or truth are not there or cannot be read; empty: both were
  bool counts = true;  ///< false where the truth cannot be read
  std::array<std::optional<double>, kStructureCount> dice, hausdorff95_px;
  /// The same as `dice`, but F1 and F2 compared the better way round: of heads that lie above one
  /// another, a pixel decides which is more in front.
  std::array<std::optional<double>, kStructureCount> dice_either_way;
};

/// The errors of one measurement over all studies.
struct MetricEvaluation {
  std::string name, unit;
  std::vector<ValuePair> pairs;      ///< studies in which the truth has a value
  std::vector<std::string> studies;  ///< of the pairs
  ErrorStats stats;
};

struct Evaluation {
  std::vector<StudyEvaluation> studies;   ///< sorted by name; every study of the truth
  std::vector<MetricEvaluation> metrics;  ///< in the order in which the truth has them
  bool has_masks = false;                 ///< whether Dice was computed
};

/// Compares two folders of studies: <study>/masks.tif, measurements.json, landmarks.json.
///
/// Every study of the truth counts: one that is missing in the prediction has Dice 0 for every
/// structure that it shows and completes no measurement. A value that is not in the film counts
/// where the truth has it, as one that was not given, and not where the truth lacks it as well.
/// True values come from measurements.json; where that is not there, from landmarks.json (measured
/// with the spacing that the prediction states). A length in another unit than the truth's is not
/// completed, and lengths in mm and in px are metrics of their own. Dice is left out where no study
/// of the prediction has masks. A study whose truth cannot be read is listed and does not count.
/// @throws Error(not_found) when a folder is missing or holds no study.
Evaluation evaluate(const std::filesystem::path& predictions, const std::filesystem::path& truth,
                    const EvaluateOptions& options = {});

/// The values of one study's measurements.json, or what its landmarks.json measures in pixels;
/// empty where there is neither. @throws Error(unreadable).
std::vector<Measurement> values_of_study(const std::filesystem::path& study);

/// Whether some study could not be compared because a file of it cannot be read.
bool any_unreadable(const Evaluation& evaluation);
/// Those studies with their reasons; empty for none.
std::string faults_markdown(const Evaluation& evaluation);

/// Mean of a structure's Dice over the studies that have one; nullopt for none.
std::optional<double> mean_dice(const Evaluation& evaluation, Structure s);

/// The tables in Markdown, for reading: overlap; errors of PT, SS, PI, LL, PI_LL, L4_S1 and the
/// segmental angles; how predictions and truth agree as two raters (agreement.h); where needed the
/// studies that could not be compared, and why.
std::string to_markdown(const Evaluation& evaluation);

/// dice.csv (one row per study and structure), errors.csv (per study and measurement), summary.csv
/// and agreement.csv (per measurement), summary.md and summary.tex (booktabs) in a folder, which is
/// made.
/// @throws Error(output).
void write_evaluation(const std::filesystem::path& folder, const Evaluation& evaluation);

}  // namespace spine
