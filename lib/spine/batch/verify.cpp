#include "spine/batch/verify.h"

#include <algorithm>
#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include "spine/batch/inputs.h"
#include "spine/batch/runner.h"
#include "spine/batch/skipped_files.h"
#include "spine/batch/tables.h"
#include "spine/core/error.h"
#include "spine/util/folder.h"
#include "spine/util/json.h"
#include "spine/util/sha256.h"

namespace spine::batch {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

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
      checked(files.record.filename().string(), [&] { check_run(files); });
    }
    check_folders();
    return std::move(result_);
  }

 private:
  void report(const std::string& where, const std::string& what) {
    result_.found.push_back({where, what});
  }

  /// Reports what cannot be read, or holds something else than this project writes.
  template <typename Check>
  void checked(const std::string& where, Check&& check) {
    try {
      check();
    } catch (const Error& error) {
      report(where, error.what());
    } catch (const json::exception&) {
      report(where, "its record is none of this project");
    }
  }

  void check_run(const RunFiles& files) {
    const std::string name = files.record.filename().string();
    const json record = read_json(files.record);
    if (!record.value("complete", false)) {
      report(name, record.value("interrupted", false) ? "the run was interrupted"
                                                      : "some studies failed or were not reached");
    }
    if (record.value("tables_sha256", json()) != table_hashes(files)) {
      report(name, "a table is not as the run wrote it");
    }
    const TableRows table = read_table(files.table);
    if (table.cut_off) report(files.table.filename().string(), "is cut off");
    for (const auto& line : table.malformed) {
      report(files.table.filename().string(), line);
    }
    check_rows(table.rows, record, name);
    check_skipped(record, name);
  }

  /// The first shard writes the list of all.
  void check_skipped(const json& record, const std::string& name) {
    const json shard = record.value("shard", json::array({1, 1}));
    if (!shard.is_array() || shard.empty() || shard.front() != 1) return;
    const auto expected =
        record.value("inputs", json::object()).value("skipped_files", std::size_t{0});
    const std::size_t listed = count_skipped(output_).value_or(0);
    if (listed == expected) return;
    report(name, "counts " + std::to_string(expected) + " files passed over, " + kSkipped +
                     " lists " + std::to_string(listed));
  }

  void check_rows(const std::vector<ReportRow>& rows, const json& record, const std::string& name) {
    const std::string file = record.value("record_file", "measurements.json");
    std::map<std::string, std::size_t> statuses;
    for (const ReportRow& row : rows) {
      if (!names_.insert(row.study).second) report(row.study, "has two rows");
      ++statuses[row.status];
      if (is_success(row)) checked(row.study, [&] { check_study(row, file); });
    }
    const json counts = record.value("counts", json::object());
    const std::size_t expected = counts.value("studies", std::size_t{0}) +
                                 counts.value("kept_from_earlier_run", std::size_t{0});
    if (rows.size() != expected) {
      report(name, "counts " + std::to_string(expected) + " studies, the table has " +
                       std::to_string(rows.size()));
    }
    if (statuses["excluded"] != counts.value("excluded", std::size_t{0})) {
      report(name, "counts other studies that were left out than the table");
    }
  }

  void check_study(const ReportRow& row, const std::string& file) {
    ++result_.studies;
    const fs::path folder = output_ / row.study;
    const json record = read_json(folder / file);
    Study study;
    study.id = row.study;
    study.shown = row.path;
    if (row_from_record(study, record).status != row.status) {
      report(row.study, "its row says another status than its record");
    }
    const json files = record.at("provenance").at("files");
    for (const auto& [name, hash] : files.items()) {
      ++result_.files;
      if (!fs::is_regular_file(folder / name)) {
        report(row.study, name + " is missing");
      } else if (sha256_of_file(folder / name) != hash) {
        report(row.study, name + " is not as the run wrote it");
      }
    }
  }

  void check_folders() {
    const FolderListing listing = list_folder(output_);
    if (listing.error) report(".", "cannot be listed: " + listing.error.message());
    for (const auto& entry : listing.entries) {
      const std::string name = entry.filename().string();
      if (is_folder(entry) && names_.count(name) == 0) {
        report(name, name.starts_with(".partial-") ? "is what an ended run left of a study"
                                                   : "is a folder that no row names");
      }
    }
  }

  fs::path output_;
  Verification result_;
  std::set<std::string> names_;
};

}  // namespace

Verification verify_output(const fs::path& output) { return Verifier(output).run(); }

}  // namespace spine::batch
