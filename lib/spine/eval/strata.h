#pragma once
#include <filesystem>
#include <map>
#include <string>

#include "spine/eval/evaluate.h"

namespace spine {

/// What one column says of studies: groups that are judged by themselves.
struct Strata {
  std::string column;
  std::map<std::string, std::string> value_of;  ///< by study; one that is not here is "unknown"
};

/// "metal" or "none" by the truth: whether TRUTH/<study>/implant_mask.png shows any. Studies whose
/// truth has no such file are "none".
/// @throws Error(not_found) when the folder is missing.
Strata strata_by_implant(const std::filesystem::path& truth);

/// "ok", "review" or "missing" by PREDICTIONS/<study>/measurements.json (flags.h).
/// @throws Error(not_found) when the folder is missing.
Strata strata_by_status(const std::filesystem::path& predictions);

/// A column of a CSV, among whose columns "study" or "study_id" names the studies. Empty cells tell
/// nothing; of rows for one study the last counts.
/// @throws Error(not_found | unreadable | usage) naming file and the columns that it has.
Strata strata_from_csv(const std::filesystem::path& file, const std::string& column);

/// One row a group and main measurement: studies, MAE, SD, median, limits of agreement, completed.
/// Groups in the order of their names. Markdown.
std::string to_markdown(const Evaluation& evaluation, const Strata& strata);
/// The same rows for every measurement, as CSV.
std::string to_csv(const Evaluation& evaluation, const Strata& strata);

}  // namespace spine
