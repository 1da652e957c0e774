#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "spine/eval/agreement.h"
#include "spine/eval/evaluate.h"
#include "spine/eval/text_table.h"

namespace spine {

/// One measurement of one parameter by a rater.
struct Reading {
  std::string study, rater, session, parameter;
  double value = 0;
};

/// Reads a CSV with the columns case, rater, session, parameter, value in any order. Rows with an
/// empty value are ignored.
/// @throws Error(not_found | unreadable | usage) naming file, line and cell: a value that is not a
/// number, a duplicate reading, a missing column
std::vector<Reading> read_readings(const std::filesystem::path& file);

/// Agreement of raters, or of sessions of one rater, on one parameter.
struct RaterAgreement {
  std::string parameter;
  std::string who;         ///< "A – B", "all 3 raters", "A, sessions 1 – 2"
  std::size_t raters = 0;  ///< number of raters or sessions
  /// If two are compared: their names ("A"; for sessions "A, 2") and paired readings.
  std::string first, second;
  std::vector<std::pair<double, double>> readings;
  std::size_t cases = 0;
  std::optional<Estimate> pearson;        ///< if two are compared
  std::optional<BlandAltman> difference;  ///< if two are compared: second minus first
  std::optional<Agreement> agreement;
  std::string why_no_agreement;  ///< empty if there is an agreement
};

/// Compares, for every parameter in order of first appearance, each pair of raters (by the means
/// over each rater's sessions, as stated in `who`), all raters if more than two, and each pair of
/// sessions of a rater. Only cases read by all compared raters are included.
std::vector<RaterAgreement> compare_raters(const std::vector<Reading>& readings);

/// Evaluates the measurements of a method (`<case>/measurements.json`) against the mean of the
/// raters (over each one's sessions) for each case and parameter: like evaluate(), without masks.
/// Cases without readings are excluded, and lengths in pixels are not completed, as raters give
/// millimetres.
/// @throws Error(not_found) if the folder is missing
Evaluation evaluate_against_raters(const std::filesystem::path& predictions,
                                   const std::vector<Reading>& readings);

/// Formats comparisons, one row each. If statistics cannot be computed, the reason is given, e.g.
/// "not enough cases".
TextTable raters_table(const std::vector<RaterAgreement>& rows);

}  // namespace spine
