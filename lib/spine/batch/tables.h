#pragma once
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "spine/batch/inputs.h"
#include "spine/io/report_io.h"

namespace spine::batch {

/// The row of a study from its record ("spine-measurements/2"), so that a table shows the same
/// figures whether a study was done now or in an earlier run.
ReportRow row_from_record(const Study& study, const nlohmann::json& record);

/// Names of the files of a run in OUT. The shards of one batch may share a folder: theirs are
/// "measurements.shard-1-of-4.csv" and so on.
struct RunFiles {
  std::filesystem::path record;      ///< run.json
  std::filesystem::path table;       ///< measurements.csv
  std::filesystem::path long_table;  ///< measurements_long.csv
  RunFiles(const std::filesystem::path& output, const Shard& shard);
  /// The shard that a run record is of, by its name; nullopt for the name of another file.
  static std::optional<Shard> shard_of(const std::string& record_name);
  /// Removes what earlier runs left that were ended while they wrote these files.
  void remove_temporaries() const;
};

/// The shards whose run records are in a folder, by their count and number; run.json is {1, 1}.
std::vector<Shard> shards_in(const std::filesystem::path& output);

/// The files of all runs whose records are in a folder: run.json alone where it is there, else
/// those of the shards, by their number.
std::vector<RunFiles> runs_in(const std::filesystem::path& output);

/// {"measurements": SHA-256, "measurements_long": SHA-256}, for run.json.
/// @throws Error(not_found) when one is missing
nlohmann::json table_hashes(const RunFiles& files);

/// "output: FILE: ..." of a file that was cut off and is written anew.
std::string cut_off_line(const std::filesystem::path& file);

/// The rows of the table that is already in the output folder.
struct EarlierRows {
  /// Of studies that are not in this run, to be kept in the new table: failures (films that an
  /// earlier command could not segment) and, with --force, studies whose folders are still there.
  std::vector<ReportRow> others;
  /// Results of studies of this run, by id; for those whose results are not replaced.
  std::map<std::string, ReportRow> results;
  /// One line for each run file that a power failure or an ended process cut off, and for tables
  /// that are not as their run recorded them; such files are written anew.
  std::vector<std::string> cut_off;
};

/// A row of a table with the values that its study's record holds. Where the record is damaged or
/// gone the row's status and error say so instead: "unreadable" or "not_found". A row that stands
/// for the results of another command stays as it is.
/// @param record  "measurements.json", as the command calls it
ReportRow with_values(ReportRow row, const std::filesystem::path& output,
                      const std::string& record);

/// Looks at the run files that are already in the output folder. Rows come without their values
/// (with_values).
/// @throws Error(usage) when run.json or a table is not this project's, a row of the table is
/// malformed, or the table holds results of studies that are not in this run. With `force` none of
/// this is an error, and a table that is not this project's has no rows to keep.
EarlierRows read_earlier_rows(const RunFiles& files, const std::vector<Study>& studies, bool force);

/// A table as it was read.
struct TableRows {
  std::vector<ReportRow> rows;  ///< without their values
  /// Each line that is no row: "line 7: expected 52 cells, got 3".
  std::vector<std::string> malformed;
  /// The table ends in the middle of a line, is empty or lacks its beginning.
  bool cut_off = false;
};

/// The rows of a table of this project; none where there is no such file.
/// @throws Error(usage) when it lacks the columns of one.
TableRows read_table(const std::filesystem::path& table);

/// The same of a table that must be whole.
/// @throws Error(usage) also when it is cut off or holds malformed rows, naming the first.
std::vector<ReportRow> read_rows(const std::filesystem::path& table);

/// The main values for a person to read: one aligned line a study, with a line of column names.
/// Without values, where nothing was measured.
class CohortSummary {
 public:
  void add(const ReportRow& row);
  [[nodiscard]] std::string text() const;

 private:
  struct Line {
    std::string study, status;
    std::vector<std::string> values;
  };
  std::vector<Line> lines_;
  bool measured_ = false;
};

/// Calls `use` with every row, one after the other, and each time the same.
using EachRow = std::function<void(const std::function<void(const ReportRow&)>& use)>;

/// Writes both tables, row by row. @throws Error(output).
void write_tables(const RunFiles& files, const EachRow& each_row, CohortSummary& summary);

}  // namespace spine::batch
