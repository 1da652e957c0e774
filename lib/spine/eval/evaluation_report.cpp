#include "spine/eval/evaluation_report.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <sstream>

#include "spine/eval/agreement_text.h"
#include "spine/eval/stats_table.h"
#include "spine/eval/text_table.h"
#include "spine/util/atomic_file.h"
#include "spine/util/disk.h"

namespace spine {

namespace {

/// Intersection over union for a Dice coefficient: D / (2 - D).
double iou_of(double dice) { return dice / (2 - dice); }

/// Mean of `of` over the studies that have a value for a structure.
template <typename Of = std::identity>
std::optional<double> mean_of(
    const Evaluation& evaluation, Structure s,
    std::array<std::optional<double>, kStructureCount> StudyEvaluation::*values, Of of = {}) {
  double sum = 0;
  int count = 0;
  for (const auto& study : evaluation.studies) {
    const auto& value = (study.*values)[index(s)];
    if (!value) continue;
    sum += of(*value);
    ++count;
  }
  if (count == 0) return std::nullopt;
  return sum / count;
}

TextTable dice_table(const Evaluation& evaluation) {
  TextTable table({"structure", "Dice", "heads either way", "IoU", "HD95 (px)", "studies"});
  const auto average = [&]<typename Of = std::identity>(auto values, Of of = {}) {
    std::vector<double> means;
    for (const Structure s : kStructures) {
      if (const auto mean = mean_of(evaluation, s, values, of)) means.push_back(*mean);
    }
    return std::accumulate(means.begin(), means.end(), 0.0) / static_cast<double>(means.size());
  };
  for (const Structure s : kStructures) {
    const auto count =
        std::count_if(evaluation.studies.begin(), evaluation.studies.end(),
                      [&](const StudyEvaluation& e) { return e.dice[index(s)].has_value(); });
    table.add({std::string(to_string(s)),
               format_number(mean_of(evaluation, s, &StudyEvaluation::dice), 4),
               format_number(mean_of(evaluation, s, &StudyEvaluation::dice_either_way), 4),
               format_number(mean_of(evaluation, s, &StudyEvaluation::dice, iou_of), 4),
               format_number(mean_of(evaluation, s, &StudyEvaluation::hausdorff95_px), 1),
               std::to_string(count)});
  }
  const double mean = average(&StudyEvaluation::dice);
  if (std::isfinite(mean)) {
    table.add({"average", format_number(mean, 4),
               format_number(average(&StudyEvaluation::dice_either_way), 4),
               format_number(average(&StudyEvaluation::dice, iou_of), 4), "", ""});
  }
  return table;
}

/// A row of the error tables.
std::vector<std::string> row_of(const MetricEvaluation& metric) {
  std::vector<std::string> row{metric.name, metric.unit};
  const auto cells = stats_cells(metric.stats);
  row.insert(row.end(), cells.begin(), cells.end());
  return row;
}

TextTable errors_table() {
  std::vector<std::string> header{"metric", "unit"};
  header.insert(header.end(), stats_columns().begin(), stats_columns().end());
  return TextTable(header);
}

constexpr const char* kDiceNote =
    "Both masks empty: not counted. One empty: Dice 0. A study without prediction: Dice 0. Heads "
    "either way: F1 and F2 compared the better way round.\n";

TextTable main_errors_table(const Evaluation& evaluation) {
  TextTable table = errors_table();
  for (const auto& metric : evaluation.metrics) {
    if (is_main_metric(metric.name)) table.add(row_of(metric));
  }
  return table;
}

/// Agreement of prediction and reference as two raters.
TextTable agreement_table(const Evaluation& evaluation, bool main_only) {
  TextTable table({"metric", "unit", "r (95 % CI)", "ICC(2,1) (95 % CI)", "ICC(3,1) (95 % CI)",
                   "bias (95 % CI)", "LoA low (95 % CI)", "LoA high (95 % CI)", "SEM", "SDC",
                   "studies"});
  for (const auto& metric : evaluation.metrics) {
    if (main_only && !is_main_metric(metric.name)) continue;
    Ratings ratings;
    std::vector<double> truth, predicted;
    for (const auto& pair : metric.pairs) {
      if (!pair.predicted) continue;
      ratings.push_back({pair.truth, *pair.predicted});
      truth.push_back(pair.truth);
      predicted.push_back(*pair.predicted);
    }
    std::vector<std::string> row{metric.name, metric.unit};
    const auto agreement = agreement_of(ratings);
    const auto differences = bland_altman_of(truth, predicted);
    const std::string reason = why_no_agreement(ratings);
    row.push_back(format_estimate(pearson_of(truth, predicted), 4, reason));
    if (agreement && differences) {
      for (const auto& icc : {agreement->icc_2_1, agreement->icc_3_1}) {
        row.push_back(format_estimate(icc, 4));
      }
      for (const auto& estimate :
           {differences->bias, differences->limit_low, differences->limit_high}) {
        row.push_back(format_estimate(estimate, 3));
      }
      row.push_back(format_number(agreement->sem, 3));
      row.push_back(format_number(agreement->sdc, 3));
    } else {
      row.insert(row.end(), 7, reason.empty() ? kNotEnoughCases : reason);
    }
    row.push_back(std::to_string(ratings.size()));
    table.add(std::move(row));
  }
  return table;
}

}  // namespace

std::string faults_markdown(const Evaluation& evaluation) {
  if (!any_unreadable(evaluation)) return "";
  TextTable faults({"study", "not compared in full because"});
  for (const auto& study : evaluation.studies) {
    if (is_fault(study.error)) faults.add({study.study, study.error});
  }
  return faults.to_markdown();
}

std::string to_markdown(const Evaluation& evaluation) {
  std::ostringstream text;
  if (evaluation.has_masks) {
    text << dice_table(evaluation).to_markdown() << "\n" << kDiceNote << "\n";
  }
  text << main_errors_table(evaluation).to_markdown();
  text << "\n" << agreement_table(evaluation, true).to_markdown();
  const auto count = [&](auto&& holds) {
    return std::count_if(evaluation.studies.begin(), evaluation.studies.end(), holds);
  };
  text << "\n"
       << evaluation.studies.size() << " studies, "
       << count([](const StudyEvaluation& s) { return s.error == kNoPrediction; })
       << " without a prediction.\n";
  const std::string faults = faults_markdown(evaluation);
  if (!faults.empty()) text << "\n" << faults;
  return text.str();
}

void write_evaluation(const std::filesystem::path& folder, const Evaluation& evaluation) {
  TextTable overlap({"study", "structure", "dice", "hausdorff95_px", "dice_either_way", "iou"});
  TextTable errors({"study", "metric", "unit", "truth", "predicted", "error", "standard_error"});
  TextTable summary = errors_table();
  for (const auto& study : evaluation.studies) {
    for (const Structure s : kStructures) {
      const auto& value = study.dice[index(s)];
      if (!value) continue;
      overlap.add({study.study, std::string(to_string(s)), format_number(value, 5),
                   format_number(study.hausdorff95_px[index(s)], 2),
                   format_number(study.dice_either_way[index(s)], 5),
                   format_number(iou_of(*value), 5)});
    }
  }
  for (const auto& metric : evaluation.metrics) {
    summary.add(row_of(metric));
    for (std::size_t i = 0; i < metric.pairs.size(); ++i) {
      const ValuePair& pair = metric.pairs[i];
      std::optional<double> error;
      if (pair.predicted) error = *pair.predicted - pair.truth;
      errors.add({metric.studies[i], metric.name, metric.unit, format_number(pair.truth, 3),
                  format_number(pair.predicted, 3), format_number(error, 3),
                  format_number(pair.standard_error, 3)});
    }
  }
  make_folders(folder);
  if (evaluation.has_masks) write_file_atomically(folder / "dice.csv", overlap.to_csv());
  write_file_atomically(folder / "errors.csv", errors.to_csv());
  write_file_atomically(folder / "summary.csv", summary.to_csv());
  write_file_atomically(folder / "agreement.csv", agreement_table(evaluation, false).to_csv());
  std::string latex = evaluation.has_masks ? dice_table(evaluation).to_latex() + "\n" : "";
  latex += main_errors_table(evaluation).to_latex() + "\n";
  write_file_atomically(folder / "summary.tex",
                        latex + agreement_table(evaluation, true).to_latex());
  write_file_atomically(folder / "summary.md", to_markdown(evaluation));
}

}  // namespace spine
