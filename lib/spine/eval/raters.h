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

/// One reading of one parameter.
struct Reading {
  std::string study, rater, session, parameter;
  double value = 0;
};

/// Rows of a CSV with the columns case, rater, session, parameter, value, in any order. An empty
/// value is no reading and left out.
/// @throws Error(not_found | unreadable | usage) naming file, line and cell: a value that is no
///         number, a reading that is there twice, a missing column.
std::vector<Reading> read_readings(const std::filesystem::path& file);

/// How well raters, or one rater's sessions, agree on one parameter.
struct RaterAgreement {
  std::string parameter;
  std::string who;         ///< "A – B", "all 3 raters", "A, sessions 1 – 2"
  std::size_t raters = 0;  ///< or sessions
  /// Of two: their names ("A"; of sessions "A, 2"), and their readings of the cases, first to
  /// second.
  std::string first, second;
  std::vector<std::pair<double, double>> readings;
  std::size_t cases = 0;
  std::optional<Estimate> pearson;        ///< of two
  std::optional<BlandAltman> difference;  ///< of two: second minus first
  std::optional<Agreement> agreement;
  std::string why_no_agreement;  ///< empty where there is one
};

/// For every parameter, in the order of their first readings: each pair of raters (by the mean of
/// each rater's sessions, which `who` says), all of them together where there are more than two,
/// and each pair of a rater's sessions. Cases that not all of those compared have read are left
/// out.
std::vector<RaterAgreement> compare_raters(const std::vector<Reading>& readings);

/// Values of a method (<case>/measurements.json) against the mean of the raters (of each one's
/// sessions) for each case and parameter: as evaluate(), without masks. Cases that only the method
/// has are left out, and lengths in pixels are not completed, since readers give millimetres.
/// @throws Error(not_found) when the folder is missing.
Evaluation evaluate_against_raters(const std::filesystem::path& predictions,
                                   const std::vector<Reading>& readings);

/// One row a comparison. Where statistics cannot be computed, the reason, e.g. "not enough cases".
TextTable raters_table(const std::vector<RaterAgreement>& rows);

}  // namespace spine
