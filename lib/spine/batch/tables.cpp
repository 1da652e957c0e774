#include "spine/batch/tables.h"

#include <algorithm>
#include <cstdio>
#include <set>

#include "spine/batch/runner.h"
#include "spine/core/error.h"
#include "spine/core/review.h"
#include "spine/io/atomic_file.h"
#include "spine/io/csv.h"
#include "spine/io/landmarks_io.h"

namespace spine::batch {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Place of a measurement in tables: the standard ones first, then the chosen ones by name.
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
  return result;
}

/// "missing: L1, S1; no spacing": every structure and every other reason once.
std::string reasons_for_missing(const Measurements& measurements) {
  static const std::string missing = "missing: ";
  static const std::string comma = ", ";
  std::set<std::string> structures, others;
  for (const auto& m : measurements.values) {
    if (m.value) continue;
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
  for (const auto& reason : others) text += (text.empty() ? "" : "; ") + reason;
  return text;
}

std::string one_decimal(double value) {
  char text[64];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

void check_run_record(const fs::path& file) {
  if (!fs::exists(file)) return;
  try {
    if (read_json(file).value("schema", "") == "spine-run/1") return;
  } catch (const std::exception&) {
    // Not JSON at all: somebody else's, as below.
  }
  throw Error(ErrorKind::usage, "output: " + file.string() +
                                    ": expected no such file, one of schema spine-run/1 or "
                                    "--force, got a file of unknown origin");
}

/// The place of a column, whose absence shows that a table is not this project's.
std::size_t column(const std::vector<CsvRow>& rows, const std::string& name, const fs::path& file) {
  const auto& header = rows.front().cells;
  const auto found = std::find(header.begin(), header.end(), name);
  if (found == header.end()) {
    throw Error(ErrorKind::usage, "output: " + file.string() +
                                      ": expected a table of this command or --force, got a "
                                      "table without the column \"" +
                                      name + "\"");
  }
  return static_cast<std::size_t>(found - header.begin());
}

/// The rows of a table with its header; empty when there is no table.
std::vector<CsvRow> read_csv(const fs::path& file) {
  return fs::exists(file) ? parse_csv(read_file(file)) : std::vector<CsvRow>{};
}

void check_long_table(const fs::path& file) {
  const auto lines = read_csv(file);
  if (lines.empty()) return;
  for (const char* name : {"study", "structure", "metric", "value"}) column(lines, name, file);
}

/// The values of a row whose results are in the study's folder.
Measurements values_in(const fs::path& folder) {
  const fs::path record = folder / "measurements.json";
  if (!fs::exists(record)) return {};
  try {
    return measurements_of(read_json(record));
  } catch (const std::exception&) {
    return {};  // damaged: the row's status and reason are still known
  }
}

/// All rows of a table; empty when there is none.
std::vector<ReportRow> read_rows(const fs::path& table) {
  const auto lines = read_csv(table);
  if (lines.empty()) return {};
  const std::size_t study = column(lines, "study", table);
  const std::size_t path = column(lines, "path", table);
  const std::size_t status = column(lines, "status", table);
  const std::size_t error = column(lines, "error", table);
  std::vector<ReportRow> rows;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto& cells = lines[i].cells;
    if (cells.size() != lines.front().cells.size()) continue;
    ReportRow row{cells[study], cells[path], cells[status], cells[error], {}};
    if (is_success(row)) row.measurements = values_in(table.parent_path() / row.study);
    rows.push_back(std::move(row));
  }
  return rows;
}

/// The rows of this project's table, after a look at all run files.
std::vector<ReportRow> checked_rows(const RunFiles& files, bool force) {
  try {
    check_run_record(files.record);
    check_long_table(files.long_table);
  } catch (const Error&) {
    if (!force) throw;
  }
  try {
    return read_rows(files.table);
  } catch (const Error&) {
    if (!force) throw;
  }
  return {};
}

}  // namespace

ReportRow row_from_record(const Study& study, const json& record) {
  ReportRow row{study.id, study.path.string(), "ok", "", measurements_of(record)};
  row.status = to_string(review(row.measurements).verdict);
  row.error = reasons_for_missing(row.measurements);
  return row;
}

RunFiles::RunFiles(const fs::path& output, const Shard& shard) {
  const std::string part = shard.count == 1 ? ""
                                            : ".shard-" + std::to_string(shard.index) + "-of-" +
                                                  std::to_string(shard.count);
  record = output / ("run" + part + ".json");
  table = output / ("measurements" + part + ".csv");
  long_table = output / ("measurements_long" + part + ".csv");
}

EarlierRows read_earlier_rows(const RunFiles& files, const std::vector<Study>& studies,
                              bool force) {
  std::set<std::string> ids;
  for (const auto& study : studies) ids.insert(study.id);
  EarlierRows earlier;
  for (auto& row : checked_rows(files, force)) {
    const bool success = is_success(row);
    if (ids.count(row.study) > 0) {
      if (success) earlier.results.emplace(row.study, std::move(row));
    } else if (success && !force) {
      throw Error(ErrorKind::usage, "output: " + files.table.string() +
                                        ": expected only studies of this run, another "
                                        "-o or --force, got results of " +
                                        row.study);
    } else if (!success || fs::is_directory(files.table.parent_path() / row.study)) {
      earlier.others.push_back(std::move(row));
    }
  }
  return earlier;
}

std::string overview(const std::vector<ReportRow>& rows) {
  std::vector<std::string> names{"PT", "SS", "PI", "LL", "PI_LL"};
  const bool measured = std::any_of(rows.begin(), rows.end(), [&](const ReportRow& row) {
    return row.measurements.find(names.front()) != nullptr;
  });
  if (!measured) names.clear();
  std::vector<std::vector<std::string>> table(1, {"study"});
  for (const auto& name : names) table[0].push_back(name + "/deg");
  table[0].emplace_back("status");
  for (const auto& row : rows) {
    std::vector<std::string> cells{row.study};
    for (const auto& name : names) {
      const Measurement* m = row.measurements.find(name);
      cells.push_back(m != nullptr && m->value ? one_decimal(*m->value) : "-");
    }
    cells.push_back(row.status);
    table.push_back(std::move(cells));
  }
  std::vector<std::size_t> widths(table[0].size(), 0);
  for (const auto& cells : table) {
    for (std::size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], cells[i].size());
  }
  std::string text;
  for (const auto& cells : table) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string padding(widths[i] - cells[i].size(), ' ');
      const bool last = i + 1 == cells.size();
      // Words to the left, numbers to the right.
      if (i == 0)
        text += cells[i] + padding;
      else
        text += "  " + (last ? cells[i] : padding + cells[i]);
    }
    text += "\n";
  }
  return text;
}

}  // namespace spine::batch
