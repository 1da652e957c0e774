#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "spine/batch/inputs.h"
#include "spine/io/report_io.h"

namespace spine::batch {

/// The row of a study from its record ("spine-measurements/1"), so that a table shows the same
/// figures whether a study was done now or in an earlier run.
ReportRow row_from_record(const Study& study, const nlohmann::json& record);

/// Names of the files of a run in OUT. The shards of one batch may share a folder: theirs are
/// "measurements.shard-1-of-4.csv" and so on.
struct RunFiles {
  std::filesystem::path record;      ///< run.json
  std::filesystem::path table;       ///< measurements.csv
  std::filesystem::path long_table;  ///< measurements_long.csv
  RunFiles(const std::filesystem::path& output, const Shard& shard);
};

/// The rows of the table that is already in the output folder.
struct EarlierRows {
  /// Of studies that are not in this run, to be kept in the new table: failures (films that an
  /// earlier command could not segment) and, with --force, studies whose folders are still there.
  std::vector<ReportRow> others;
  /// Results of studies of this run, by id; for those whose results are not replaced.
  std::map<std::string, ReportRow> results;
};

/// Looks at the run files that are already in the output folder. The values of a row come from the
/// measurements.json in its study's folder.
/// @throws Error(usage) when run.json or a table is not this project's, or the table holds results
/// of studies that are not in this run. With `force` none of this is an error, and a table that is
/// not this project's has no rows to keep.
EarlierRows read_earlier_rows(const RunFiles& files, const std::vector<Study>& studies, bool force);

/// The main values for a person to read: one aligned line a study, with a line of column names.
/// Without values, where nothing was measured.
std::string overview(const std::vector<ReportRow>& rows);

}  // namespace spine::batch
