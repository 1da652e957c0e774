#pragma once
#include <filesystem>
#include <map>
#include <string>

#include "spine/eval/evaluate.h"

namespace spine {

/// A stratification of studies by one column.
struct Strata {
  std::string column;
  std::map<std::string, std::string> value_of;  ///< by study; studies not listed are "unknown"
};

/// Groups "implant" and "none": whether `TRUTH/<study>/implant_mask.png` shows an implant. Studies
/// without this file are "none".
/// @throws Error(not_found) if the folder is missing
Strata strata_by_implant(const std::filesystem::path& truth);

/// Groups "ok", "review" and "missing" by `PREDICTIONS/<study>/measurements.json` (flags.h).
/// @throws Error(not_found) if the folder is missing
Strata strata_by_status(const std::filesystem::path& predictions);

/// Groups by a column of a CSV; the column "study" or "study_id" identifies the studies. Empty
/// cells are ignored; of several rows of a study the last counts.
/// @throws Error(not_found | unreadable | usage) naming the file and its columns
Strata strata_from_csv(const std::filesystem::path& file, const std::string& column);

/// Markdown table with one row per group and main measurement: studies, MAE, SD, median, limits of
/// agreement, completed. Groups are sorted by name.
std::string to_markdown(const Evaluation& evaluation, const Strata& strata);
/// The same for all measurements, as CSV.
std::string to_csv(const Evaluation& evaluation, const Strata& strata);

}  // namespace spine
