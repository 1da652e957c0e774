#include "spine/batch/verify.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include <nlohmann/json.hpp>

#include "spine/batch/damage.h"
#include "spine/batch/inputs.h"
#include "spine/batch/skipped_files.h"
#include "spine/batch/study_status.h"
#include "spine/batch/tables.h"
#include "spine/core/error.h"
#include "spine/util/folder.h"
#include "spine/util/json.h"
#include "spine/util/sha256.h"

namespace spine::batch {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kCutOff = "is cut off";
constexpr const char* kMissing = "is missing";

class Verifier {
 public:
  explicit Verifier(fs::path output) : output_(std::move(output)) {}

  Verification run() {
    const std::vector<RunFiles> runs = runs_in(output_);
    if (runs.empty()) {
      throw Error(ErrorKind::not_found,
                  "verify: " + output_.string() + ": expected run.json, found none");
    }
    for (const RunFiles& files : runs) {
      const bool whole = checked(files.record.filename().string(), [&] { check_run(files); });
      if (!whole) names_known_ = false;
    }
    check_folders();
    return std::move(result_);
  }

 private:
  void report(const std::string& where, const std::string& what) {
    result_.found.push_back({where, what});
  }

  /// Reports files that cannot be read or are of other origin.
  /// @returns whether the check completed
  template <typename Check>
  bool checked(const std::string& where, Check&& check) {
    try {
      check();
      return true;
    } catch (const Error& error) {
      report(where, error.what());
    } catch (const json::exception&) {
      report(where, "its record was not written by this toolkit");
    }
    return false;
  }

  void check_run(const RunFiles& files) {
    const std::string name = files.record.filename().string();
    const std::optional<json> record = record_in(files.record);
    const std::optional<TableRows> table = table_in(files.table);
    if (!record) {
      if (table) note_names(*table);
      return;
    }
    if (!record->value("complete", false)) {
      report(name, record->value("interrupted", false) ? "the run was interrupted"
                                                       : "some studies failed or were not reached");
    }
    check_hashes(files, *record);
    if (table) check_rows(*table, *record, name);
    check_skipped(*record, name);
  }

  /// nullopt, with a report, if it cannot be read.
  std::optional<json> record_in(const fs::path& file) {
    std::optional<json> record;
    const std::string name = file.filename().string();
    checked(name, [&] {
      try {
        record = read_json(file);
      } catch (const Error&) {
        if (!is_cut_off_json_file(file)) throw;
        report(name, kCutOff);
      }
    });
    if (!record) names_known_ = false;
    return record;
  }

  /// The same for a table; malformed lines are reported one by one.
  std::optional<TableRows> table_in(const fs::path& file) {
    std::optional<TableRows> table;
    const std::string name = file.filename().string();
    checked(name, [&] {
      require_file(file);
      table = read_table(file);
      if (table->cut_off) report(name, kCutOff);
      for (const auto& line : table->malformed) report(name, line);
    });
    if (!table || table->cut_off || !table->malformed.empty()) names_known_ = false;
    return table;
  }

  static void require_file(const fs::path& file) {
    if (fs::is_regular_file(file)) return;
    throw Error(ErrorKind::not_found, kMissing);
  }

  /// A table already reported as truncated or missing is not reported again.
  void check_hashes(const RunFiles& files, const json& record) {
    const json recorded = record.value("tables_sha256", json());
    for (const auto& table : {std::pair{"measurements", files.table},
                              std::pair{"measurements_long", files.long_table}}) {
      // Clang 14 captures no structured bindings.
      const char* key = table.first;
      const fs::path& file = table.second;
      const std::string name = file.filename().string();
      if (is_told_of(name)) continue;
      checked(name, [&] {
        require_file(file);
        if (recorded.is_object() && recorded.value(key, json()) == sha256_of_file(file)) return;
        report(name, is_cut_off_table_file(file) ? kCutOff : "a table is not as the run wrote it");
      });
    }
  }

  [[nodiscard]] bool is_told_of(const std::string& name) const {
    return std::any_of(result_.found.begin(), result_.found.end(), [&](const Discrepancy& found) {
      return found.where == name && (found.what == kCutOff || found.what == kMissing);
    });
  }

  void note_names(const TableRows& table) {
    for (const ReportRow& row : table.rows) names_.insert(row.study);
  }

  /// The first shard writes the list.
  void check_skipped(const json& record, const std::string& name) {
    const json shard = record.value("shard", json::array({1, 1}));
    if (!shard.is_array() || shard.empty() || shard.front() != 1) return;
    const auto expected =
        record.value("inputs", json::object()).value("skipped_files", std::size_t{0});
    const std::size_t listed = count_skipped(output_).value_or(0);
    if (listed == expected) return;
    report(name, "counts " + std::to_string(expected) + " skipped files, " + kSkipped + " lists " +
                     std::to_string(listed));
  }

  void check_rows(const TableRows& table, const json& record, const std::string& name) {
    const std::string file = record.value("record_file", "measurements.json");
    std::size_t excluded = 0;
    for (const ReportRow& row : table.rows) {
      if (!names_.insert(row.study).second) report(row.study, "has two rows");
      if (status_of(row) == StudyStatus::excluded) ++excluded;
      if (is_success(row)) checked(row.study, [&] { check_study(row, file); });
    }
    const json counts = record.value("counts", json::object());
    const std::size_t expected = counts.value("studies", std::size_t{0}) +
                                 counts.value("kept_from_earlier_run", std::size_t{0});
    if (table.rows.size() < expected) names_known_ = false;
    if (table.cut_off) return;  // already reported
    if (table.rows.size() != expected) {
      report(name, "counts " + std::to_string(expected) + " studies, the table has " +
                       std::to_string(table.rows.size()));
    }
    // Rows kept from an earlier run are not among the counted ones.
    const std::size_t counted = counts.value("excluded", std::size_t{0});
    const std::size_t kept = counts.value("kept_from_earlier_run", std::size_t{0});
    if (excluded < counted || excluded > counted + kept) {
      report(name, "counts other excluded studies than the table");
    }
  }

  void check_study(const ReportRow& row, const std::string& file) {
    ++result_.studies;
    const fs::path folder = output_ / row.study;
    const json record = read_json(folder / file);
    Study study;
    study.id = row.study;
    study.shown = row.path;
    if (status_of(row_from_record(study, record)) != status_of(row)) {
      report(row.study, "its row has another status than its record");
    }
    const json files = record.at("provenance").at("files");
    for (const auto& [name, hash] : files.items()) {
      ++result_.files;
      if (!fs::is_regular_file(folder / name)) {
        report(row.study, name + " is missing");
      } else if (json(sha256_of_file(folder / name)) != hash) {
        report(row.study, name + " is not as the run wrote it");
      }
    }
  }

  /// If not all rows are known, any folder may have one.
  void check_folders() {
    const FolderListing listing = list_folder(output_);
    if (listing.error) report(".", "cannot be listed: " + listing.error.message());
    for (const auto& entry : listing.entries) {
      const std::string name = entry.filename().string();
      if (!is_folder(entry)) continue;
      if (name.starts_with(".partial-")) {
        report(name, "is a staging folder of an interrupted run");
      } else if (names_known_ && names_.count(name) == 0 && name != kDroppedFilms) {
        report(name, "is a folder without a row");
      }
    }
  }

  fs::path output_;
  Verification result_;
  std::set<std::string> names_;  ///< studies with a row
  bool names_known_ = true;      ///< names_ is complete
};

}  // namespace

Verification verify_output(const fs::path& output) { return Verifier(output).run(); }

}  // namespace spine::batch
