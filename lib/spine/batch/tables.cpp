#include "spine/batch/tables.h"

#include <algorithm>
#include <fstream>
#include <optional>
#include <set>

#include "spine/batch/damage.h"
#include "spine/batch/study_status.h"
#include "spine/core/error.h"
#include "spine/core/flags.h"
#include "spine/util/csv.h"
#include "spine/util/json.h"
#include "spine/util/schema.h"
#include "spine/util/sha256.h"

namespace spine::batch {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Sort key of a measurement in tables: the standard ones first, then the chosen angles by name.
std::size_t rank(const std::string& name) {
  const auto& names = standard_measurement_names();
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

Measurements measurements_of(const json& record) {
  Measurements result;
  const json values = record.value("measurements", json::object());
  for (const auto& [name, entry] : values.items()) {
    Measurement m;
    m.name = name;
    if (entry.contains("value") && entry["value"].is_number())
      m.value = entry["value"].get<double>();
    m.unit = entry.value("unit", "");
    m.status = entry.value("status", "");
    if (entry.contains("standard_error")) {
      m.standard_error = entry["standard_error"].get<double>();
    }
    result.values.push_back(std::move(m));
  }
  std::sort(result.values.begin(), result.values.end(), [](const auto& a, const auto& b) {
    return std::pair(rank(a.name), a.name) < std::pair(rank(b.name), b.name);
  });
  result.qc = record.value("qc", std::vector<std::string>{});
  result.not_in_film = record.value("not_in_film", std::vector<std::string>{});
  return result;
}

/// The message for a table that differs from its recorded hash: "output: FILE: ...".
std::string changed_line(const fs::path& file) {
  return "output: " + file.string() + ": is not as its run wrote it; rewriting it";
}

/// What can be read of the record of an earlier run.
struct RunRecordLook {  // NOLINT(bugprone-exception-escape): of moving json, which is noexcept
  bool cut_off = false;
  json table_hashes;  ///< as by table_hashes(); null: unknown
};

RunRecordLook check_run_record(const fs::path& file) {
  if (!fs::exists(file)) return {};
  try {
    const json record = read_json(file);
    if (record.is_object() && record.value("schema", json()) == kRunSchema) {
      return {false, record.value("tables_sha256", json())};
    }
  } catch (const Error&) {
    if (is_cut_off_json_file(file)) return {true, json()};
    // Unreadable: of other origin, handled below.
  }
  throw Error(ErrorKind::usage, "output: " + file.string() +
                                    ": expected no such file, one of schema " +
                                    std::string(kRunSchema) +
                                    " or "
                                    "--force, got a file of unknown origin");
}

/// Whether a table exists whose hash differs from its run record.
bool is_changed(const fs::path& table, const json& hashes, const char* name) {
  std::error_code ignored;
  if (!hashes.is_object() || !fs::is_regular_file(table, ignored)) return false;
  const auto recorded = hashes.find(name);
  return recorded != hashes.end() && recorded->is_string() && *recorded != sha256_of_file(table);
}

/// The index of a column; its absence shows that a table is of other origin.
std::size_t column(const CsvRow& header, const std::string& name, const fs::path& file) {
  const auto found = std::find(header.cells.begin(), header.cells.end(), name);
  if (found == header.cells.end()) {
    throw Error(ErrorKind::usage, "output: " + file.string() +
                                      ": expected a table of this command or --force, got a "
                                      "table without the column \"" +
                                      name + "\"");
  }
  return static_cast<std::size_t>(found - header.cells.begin());
}

/// Reads the lines of a table one by one, as long tables need much memory. Rows of this toolkit are
/// one line each.
class TableLines {
 public:
  explicit TableLines(const fs::path& file) : stream_(file) {}
  std::optional<CsvRow> next() {
    for (std::string line; std::getline(stream_, line);) {
      ++number_;
      ended_ = !stream_.eof();
      const bool zeros = line.find('\0') != std::string::npos;
      auto rows = parse_csv(line);
      if (rows.empty()) continue;
      rows.front().line = number_;
      if (zeros) rows.front().cells = {"(zeros)"};
      return std::move(rows.front());
    }
    return std::nullopt;
  }
  /// Whether the last line read is terminated.
  [[nodiscard]] bool ended() const { return ended_; }
  /// Whether it was the last line.
  [[nodiscard]] bool at_end() {
    return stream_.eof() || stream_.peek() == std::char_traits<char>::eof();
  }

 private:
  std::ifstream stream_;
  int number_ = 0;
  bool ended_ = true;
};

/// Whether a file is a truncated table with this header.
bool is_left_of_table(const fs::path& file, const std::string& header) {
  constexpr std::size_t kEnough = 256;
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return false;
  std::string text(kEnough, ' ');
  stream.read(text.data(), kEnough);
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return is_cut_off_table(text, header);
}

/// @returns whether the file is truncated
bool check_long_table(const fs::path& file) {
  if (is_left_of_table(file, "study,structure,metric,value,unit,status")) return true;
  const auto header = TableLines(file).next();
  if (!header) return false;
  for (const char* name : {"study", "structure", "metric", "value"}) column(*header, name, file);
  return is_cut_off_table_file(file);
}

[[noreturn]] void refuse_row(const fs::path& table, const TableRows& read) {
  throw Error(ErrorKind::usage,
              "output: " + table.string() + ": " +
                  (read.malformed.empty() ? "expected a complete table, got one that was cut off"
                                          : read.malformed.front()));
}

/// The rows of the table of this toolkit, after checking all run files.
std::vector<ReportRow> checked_rows(const RunFiles& files, bool force,
                                    std::vector<std::string>& cut_off) {
  const auto unless_forced = [force](const auto& check) {
    try {
      check();
    } catch (const Error&) {
      if (!force) throw;
    }
  };
  RunRecordLook record;
  unless_forced([&] {
    record = check_run_record(files.record);
    if (record.cut_off) cut_off.push_back(cut_off_line(files.record));
  });
  unless_forced([&] {
    if (check_long_table(files.long_table)) {
      cut_off.push_back(cut_off_line(files.long_table));
    } else if (is_changed(files.long_table, record.table_hashes, "measurements_long")) {
      cut_off.push_back(changed_line(files.long_table));
    }
  });
  std::vector<ReportRow> rows;
  unless_forced([&] {
    TableRows read = read_table(files.table);
    if (!read.malformed.empty() && !force) refuse_row(files.table, read);
    if (read.cut_off) {
      cut_off.push_back(cut_off_line(files.table));
    } else if (is_changed(files.table, record.table_hashes, "measurements")) {
      cut_off.push_back(changed_line(files.table));
    }
    for (const auto& line : read.malformed) {
      cut_off.push_back("output: " + files.table.string() + ": skipped: " + line);
    }
    rows = std::move(read.rows);
  });
  return rows;
}

/// Whether another command wrote a record to a study's folder.
bool holds_other_record(const fs::path& folder, const std::string& record) {
  for (const char* name : {"segmentation.json", "restoration.json", "measurements.json"}) {
    if (name != record && fs::exists(folder / name)) return true;
  }
  return false;
}

}  // namespace

TableRows read_table(const fs::path& table) {
  TableRows read;
  if (is_left_of_table(table, "study,path,status,error")) {
    read.cut_off = true;
    return read;
  }
  TableLines lines(table);
  const auto header = lines.next();
  if (!header) return read;
  const std::size_t study = column(*header, "study", table);
  const std::size_t path = column(*header, "path", table);
  const std::size_t status = column(*header, "status", table);
  const std::size_t error = column(*header, "error", table);
  read.cut_off = !lines.ended();
  while (const auto line = lines.next()) {
    const auto& cells = line->cells;
    if (cells.size() == header->cells.size()) {
      read.rows.push_back({cells[study], cells[path], cells[status], cells[error], {}});
    } else if (lines.ended() || !lines.at_end()) {
      read.malformed.push_back("line " + std::to_string(line->line) + ": expected " +
                               std::to_string(header->cells.size()) + " cells, got " +
                               std::to_string(cells.size()));
    }
  }
  read.cut_off = read.cut_off || !lines.ended();
  return read;
}

std::vector<ReportRow> read_rows(const fs::path& table) {
  TableRows read = read_table(table);
  if (read.cut_off || !read.malformed.empty()) refuse_row(table, read);
  return std::move(read.rows);
}

ReportRow with_values(ReportRow row, const fs::path& output, const std::string& record) {
  if (!is_success(row)) return row;
  const fs::path folder = output / row.study;
  try {
    row.measurements = measurements_of(read_json(folder / record));
    return row;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::not_found && holds_other_record(folder, record)) return row;
    row.status = to_string(status_of(error.kind()));
    row.error = error.kind() == ErrorKind::not_found
                    ? "its record " + record + " is missing"
                    : "its record " + record + " is damaged or cannot be read";
  } catch (const json::exception&) {
    row.status = to_string(StudyStatus::unreadable);
    row.error = "its record " + record + " was not written by this toolkit";
  }
  row.measurements = {};
  return row;
}

std::string reasons_for_missing(const Measurements& measurements) {
  static const std::string missing = "missing: ";
  static const std::string comma = ", ";
  std::set<std::string> structures, others;
  for (const auto& m : measurements.values) {
    if (m.value || m.status == kNotInFilm) continue;
    if (!m.status.starts_with(missing)) {
      others.insert(m.status);
      continue;
    }
    for (std::size_t start = missing.size(); start < m.status.size();) {
      const std::size_t end = std::min(m.status.find(comma, start), m.status.size());
      structures.insert(m.status.substr(start, end - start));
      start = end + comma.size();
    }
  }
  std::string text;
  for (const auto& name : structures) text += (text.empty() ? missing : comma) + name;
  std::string beyond;
  for (const auto& name : measurements.not_in_film) beyond += (beyond.empty() ? "" : comma) + name;
  if (!beyond.empty()) text += (text.empty() ? "" : "; ") + ("not in film: " + beyond);
  for (const auto& reason : others) text += (text.empty() ? "" : "; ") + reason;
  return text;
}

ReportRow row_from_record(const Study& study, const json& record) {
  ReportRow row{study.id, study.shown, "", "", measurements_of(record)};
  row.status = to_string(status_of(assess(row.measurements).verdict));
  row.error = reasons_for_missing(row.measurements);
  return row;
}

EarlierRows read_earlier_rows(const RunFiles& files, const std::vector<Study>& studies, bool force,
                              bool add) {
  std::set<std::string> ids;
  for (const auto& study : studies) ids.insert(study.id);
  EarlierRows earlier;
  for (auto& row : checked_rows(files, force, earlier.cut_off)) {
    const bool success = is_success(row);
    if (ids.count(row.study) > 0) {
      if (success) earlier.results.emplace(row.study, std::move(row));
    } else if (success && !force && !add) {
      throw Error(ErrorKind::usage, "output: " + files.table.string() +
                                        ": expected only studies of this run, another "
                                        "-o, --add or --force, got results of " +
                                        row.study);
    } else if (!success || fs::is_directory(files.table.parent_path() / row.study)) {
      earlier.others.push_back(std::move(row));
    }
  }
  return earlier;
}

void write_tables(const RunFiles& files, const EachRow& each_row, CohortSummary& summary) {
  std::vector<std::string> others;  // columns, in order of appearance
  each_row([&](const ReportRow& row) {
    for (auto& name : names_beyond_standard(row.measurements)) {
      if (std::find(others.begin(), others.end(), name) == others.end()) {
        others.push_back(std::move(name));
      }
    }
  });
  TableWriter table(files.table, others);
  LongTableWriter long_table(files.long_table);
  each_row([&](const ReportRow& row) {
    table.add(row);
    long_table.add(row);
    summary.add(row);
  });
  table.commit();
  long_table.commit();
}

}  // namespace spine::batch
