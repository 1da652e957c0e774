#include "spine/review/export.h"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <utility>
#include <vector>

#include "spine/batch/tables.h"
#include "spine/core/error.h"
#include "spine/core/flags.h"
#include "spine/io/report_io.h"
#include "spine/review/landmark_change.h"
#include "spine/review/machine_result.h"
#include "spine/review/review_file.h"
#include "spine/util/atomic_file.h"
#include "spine/util/csv.h"
#include "spine/util/json.h"

namespace spine::review {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLandmarks = "landmarks_reviewed.json";

const std::vector<std::string>& annotation_names() {
  static const std::vector<std::string> names{"source", "reader", "verdict", "edited"};
  return names;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ";") + part;
  return text;
}

fs::path beside(const fs::path& csv, const std::string& ending) {
  return csv.parent_path() / (csv.stem().string() + ending + ".csv");
}

/// The blind readings of a study as rows of a table of raters.
void write_readings(const MachineResult& machine, const ReviewFile& review, AtomicFile& table,
                    ExportCounts& counts) {
  for (const ReadingId& id : review.readings()) {
    if (id.session == 0) continue;
    const auto reading = review.reading(id, machine.landmarks);
    for (const Measurement& m : measure_reading(machine, reading.landmarks).values) {
      const bool is_angle_or_length = m.unit == "deg" || m.unit == "mm" || m.unit == "%";
      if (!m.value || !is_angle_or_length) continue;
      char value[32];
      std::snprintf(value, sizeof value, "%.3f", *m.value);
      table.write(csv_cell(machine.study) + "," + csv_cell(id.reader) + "," +
                  std::to_string(id.session) + "," + csv_cell(m.name) + "," + value + "\n");
      ++counts.readings;
    }
  }
}

ReportRow row_of(const Cohort& cohort, const CohortStudy& study, AtomicFile& raters,
                 ExportCounts& counts) {
  ReportRow row{study.id, study.path, study.status, study.error, {}};
  row.annotations = {"machine", "", "", ""};
  row.measurements.qc = study.flags;
  if (!study.has_results()) return row;
  const fs::path folder = cohort.folder_of(study);
  const auto machine = read_machine_result(folder, study.id);
  row.measurements = machine.measurements;
  if (!fs::exists(folder / ReviewFile::kName)) return row;
  const auto review = ReviewFile::read(folder, study.id);
  write_readings(machine, review, raters, counts);
  const auto reading = review.reading({}, machine.landmarks);
  if (reading.reader.empty()) return row;
  const auto edited = edited_landmarks(machine.landmarks, reading.landmarks);
  const bool decided = reading.verdict != Reading::Verdict::open;
  row.measurements = measure_reading(machine, reading.landmarks);
  row.status = to_string(assess(row.measurements).verdict);
  if (!edited.empty()) row.error = batch::reasons_for_missing(row.measurements);
  row.annotations = {decided || !edited.empty() ? "reader" : "machine", reading.reader,
                     decided ? std::string(to_string(reading.verdict)) : "", joined(edited)};
  counts.approved += reading.verdict == Reading::Verdict::approved;
  counts.rejected += reading.verdict == Reading::Verdict::rejected;
  counts.edited += !edited.empty();
  counts.stale += reading.stale;
  if (edited.empty()) {
    fs::remove(folder / kLandmarks);
  } else {
    write_json(folder / kLandmarks, reading.landmarks);
  }
  return row;
}

}  // namespace

ExportCounts export_reviewed(const Cohort& cohort, const fs::path& csv,
                             const OnProblem& on_problem) {
  ExportCounts counts;
  std::vector<ReportRow> rows;
  std::vector<std::string> others;
  AtomicFile raters(beside(csv, "_raters"));
  raters.write(std::string_view("case,rater,session,parameter,value\n"));
  const auto studies = cohort.studies();
  for (const CohortStudy& study : *studies) {
    try {
      rows.push_back(row_of(cohort, study, raters, counts));
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::output) throw;
      const std::string reason = cohort.shown(error.what());
      on_problem(study.id + ": " + reason);
      ReportRow row{study.id, study.path, std::string(to_string(error.kind())), reason, {}};
      row.annotations = {"machine", "", "", ""};
      rows.push_back(std::move(row));
    }
    for (auto& name : names_beyond_standard(rows.back().measurements)) {
      if (std::find(others.begin(), others.end(), name) == others.end()) {
        others.push_back(std::move(name));
      }
    }
  }
  std::sort(rows.begin(), rows.end(),
            [](const ReportRow& a, const ReportRow& b) { return a.study < b.study; });
  TableWriter table(csv, others, annotation_names());
  LongTableWriter long_table(beside(csv, "_long"), annotation_names());
  for (const ReportRow& row : rows) {
    table.add(row);
    long_table.add(row);
  }
  table.commit();
  long_table.commit();
  if (counts.readings > 0) raters.commit();
  counts.studies = rows.size();
  return counts;
}

}  // namespace spine::review
