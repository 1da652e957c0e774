#include "spine/review/cohort.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <mutex>
#include <sstream>
#include <string_view>
#include <tuple>
#include <utility>

#include "spine/batch/run_files.h"
#include "spine/batch/skipped_files.h"
#include "spine/core/error.h"
#include "spine/core/flags.h"
#include "spine/util/csv.h"
#include "spine/util/folder.h"
#include "spine/util/text.h"

namespace spine::review {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> split_flags(const std::string& cell) {
  std::vector<std::string> flags;
  std::stringstream parts(cell);
  for (std::string flag; std::getline(parts, flag, ';');) flags.push_back(flag);
  return flags;
}

/// The rows of a table. @throws Error(not_found) if there is none, Error(unreadable) if it ends
/// within a line
std::vector<CsvRow> rows_of(const fs::path& table, const std::string& where) {
  if (!may_be_file(table)) {
    throw Error(ErrorKind::not_found,
                "review: expected measurements.csv beside run.json, found none: run again");
  }
  auto rows = read_csv(table, where);
  std::ifstream file(table, std::ios::binary);
  file.seekg(-1, std::ios::end);
  if (file.get() == '\n') return rows;
  throw Error(ErrorKind::unreadable, where + ": was cut off, as by a power failure; run again");
}

void read_rows_into(const fs::path& table, std::vector<CohortStudy>& studies) {
  const std::string where = "read " + table.string();
  const auto rows = rows_of(table, where);
  const auto column = [&](const char* name) { return column_index(rows.front(), {name}, where); };
  const auto id = column("study"), path = column("path"), status = column("status"),
             error = column("error"), qc = column("qc");
  const auto pt = column("PT"), ss = column("SS"), pi = column("PI"), ll = column("LL");
  const std::size_t width = rows.front().cells.size();
  for (auto row = rows.begin() + 1; row != rows.end(); ++row) {
    const auto& cells = row->cells;
    if (cells.size() != width) {
      throw Error(ErrorKind::unreadable, where + ": line " + std::to_string(row->line) +
                                             ": expected " + std::to_string(width) +
                                             " cells, got " + std::to_string(cells.size()));
    }
    studies.push_back({cells[id], cells[path], cells[status], cells[error], split_flags(cells[qc]),
                       number_in(cells[pt]), number_in(cells[ss]), number_in(cells[pi]),
                       number_in(cells[ll])});
  }
}

std::size_t reasons(const CohortStudy& study) {
  return static_cast<std::size_t>(std::count_if(study.flags.begin(), study.flags.end(), is_reason));
}

/// Position of a status in the list.
int rank(const CohortStudy& study) {
  if (study.status == "missing") return 0;
  if (study.status == "review") return 1;
  if (study.status == "ok") return 2;
  return study.status == "excluded" ? 4 : 3;
}

std::vector<CohortStudy> sorted_rows(const std::vector<batch::RunFiles>& runs) {
  std::vector<CohortStudy> studies;
  for (const auto& run : runs) read_rows_into(run.table, studies);
  const auto key = [](const CohortStudy& study) {
    const int r = rank(study);
    const auto count = static_cast<long>(reasons(study));
    return std::tuple(r, r <= 1 ? -count : 0L, std::string_view(study.id));
  };
  std::sort(studies.begin(), studies.end(),
            [&](const CohortStudy& a, const CohortStudy& b) { return key(a) < key(b); });
  return studies;
}

std::vector<batch::RunFiles> required_runs(const fs::path& output) {
  if (!is_folder(output)) {
    throw Error(ErrorKind::not_found,
                "review: " + output.string() + ": expected a results folder, found nothing");
  }
  auto runs = batch::runs_in(output);
  if (runs.empty()) {
    throw Error(ErrorKind::not_found,
                "review: " + output.string() +
                    ": expected a results folder of spine-pipeline or spine-measure (run.json and "
                    "measurements.csv), found no run.json");
  }
  return runs;
}

}  // namespace

/// A snapshot is never changed: readers keep theirs while a new one is made.
struct Cohort::List {
  std::mutex mutex;
  std::shared_ptr<const std::vector<CohortStudy>> studies;
  std::vector<std::size_t> changes;
};

Cohort::Cohort(fs::path output, std::vector<CohortStudy> studies)
    : output_(std::move(output)), list_(std::make_shared<List>()) {
  list_->studies = std::make_shared<const std::vector<CohortStudy>>(std::move(studies));
}

Cohort::Cohort(const fs::path& output) : Cohort(output, sorted_rows(required_runs(output))) {}

Cohort Cohort::or_empty(const fs::path& output) {
  return Cohort(output, sorted_rows(batch::runs_in(output)));
}

std::shared_ptr<const std::vector<CohortStudy>> Cohort::studies() const {
  const std::lock_guard lock(list_->mutex);
  return list_->studies;
}

void Cohort::put(const std::vector<CohortStudy>& studies) {
  const std::lock_guard lock(list_->mutex);
  auto next = std::make_shared<std::vector<CohortStudy>>(*list_->studies);
  for (const CohortStudy& study : studies) {
    const auto same = std::find_if(next->begin(), next->end(),
                                   [&](const CohortStudy& s) { return s.id == study.id; });
    list_->changes.push_back(static_cast<std::size_t>(same - next->begin()));
    if (same == next->end()) {
      next->push_back(study);
    } else {
      *same = study;
    }
  }
  list_->studies = std::move(next);
}

std::vector<std::size_t> Cohort::changes(std::size_t since) const {
  const std::lock_guard lock(list_->mutex);
  const auto& all = list_->changes;
  if (since >= all.size()) return {};
  return {all.begin() + static_cast<std::ptrdiff_t>(since), all.end()};
}

std::string Cohort::shown(const std::string& message) const {
  const std::string folder = output_.string();
  return folder.empty() ? message : replace_all(message, folder, "RESULTS");
}

void Cohort::require_no_result(const fs::path& file) const {
  const fs::path target = fs::weakly_canonical(fs::absolute(file));
  const fs::path below = target.lexically_relative(fs::weakly_canonical(fs::absolute(output_)));
  if (below.empty() || *below.begin() == "..") return;
  bool is_result = std::distance(below.begin(), below.end()) > 1 || below == batch::kSkipped;
  for (const auto& run : batch::runs_in(output_)) {
    for (const auto& part : {run.record, run.table, run.long_table}) {
      is_result = is_result || part.filename() == below;
    }
  }
  if (!is_result) return;
  throw Error(ErrorKind::usage,
              "write " + file.string() + ": expected a file beside the results, not one of them");
}

std::optional<std::size_t> Cohort::index_of(std::string_view id) const {
  const auto studies = this->studies();
  const auto study = std::find_if(studies->begin(), studies->end(),
                                  [&](const CohortStudy& s) { return s.id == id; });
  if (study == studies->end()) return std::nullopt;
  return static_cast<std::size_t>(study - studies->begin());
}

}  // namespace spine::review
