#pragma once
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "spine/batch/cohort_summary.h"
#include "spine/batch/run_files.h"
#include "spine/dataset/study_set.h"
#include "spine/io/report_io.h"

namespace spine::batch {

/// Summarizes why values are missing, each structure and reason once: "missing: L1, S1; not in
/// film: femoral heads; no spacing". The cell `error` of a study with results.
std::string reasons_for_missing(const Measurements& measurements);

/// Makes the row of a study from its record ("spine-measurements/2"), so that a table shows the
/// same values whether a study was computed now or in an earlier run.
/// @throws nlohmann::json::exception for any other document
ReportRow row_from_record(const Study& study, const nlohmann::json& record);

/// The rows of the table of an earlier run in the output folder.
struct EarlierRows {
  /// Rows of studies not in this run, to be kept in the new table: failures (films that an earlier
  /// command could not segment) and, with --force or --add, studies whose folders still exist.
  std::vector<ReportRow> others;
  /// Results of studies in this run, by id; used if they are not replaced.
  std::map<std::string, ReportRow> results;
  /// One message per run file truncated by a power failure or a killed process, or differing from
  /// its recorded hash; such files are rewritten.
  std::vector<std::string> cut_off;
};

/// Completes a row of a table with the values from its study's record. If the record is damaged or
/// missing, status and error say so: "unreadable" or "not_found". The row of another command's
/// results is returned unchanged.
/// @param output  OUT
/// @param record  file name of the record, e.g. "measurements.json"
ReportRow with_values(ReportRow row, const std::filesystem::path& output,
                      const std::string& record);

/// Reads the run files of earlier runs in the output folder. Rows lack their values (with_values).
/// @throws Error(usage) if run.json or a table was not written by this toolkit, a row of the table
/// is malformed, or the table holds results of studies that are not in this run. With `force` none
/// of these is an error, and a table of other origin is ignored; with `add` the last one is none.
EarlierRows read_earlier_rows(const RunFiles& files, const std::vector<Study>& studies, bool force,
                              bool add = false);

/// The content of a table file.
struct TableRows {
  std::vector<ReportRow> rows;  ///< without their values
  /// One message per malformed line: "line 7: expected 52 cells, got 3".
  std::vector<std::string> malformed;
  /// The table is empty, lacks its beginning, or ends within a line.
  bool cut_off = false;
};

/// Reads a table of this toolkit; no rows if there is no such file.
/// @throws Error(usage) if it lacks the required columns
TableRows read_table(const std::filesystem::path& table);

/// Reads a table that must be complete.
/// @throws Error(usage) also if it is truncated or has malformed rows, naming the first
std::vector<ReportRow> read_rows(const std::filesystem::path& table);

/// Calls `use` with every row in order; repeatable.
using EachRow = std::function<void(const std::function<void(const ReportRow&)>& use)>;

/// Writes both tables row by row and collects the summary. @throws Error(output)
void write_tables(const RunFiles& files, const EachRow& each_row, CohortSummary& summary);

}  // namespace spine::batch
