#include "spine/review/export.h"

#include <algorithm>
#include <cstdio>
#include <system_error>
#include <utility>
#include <vector>

#include "spine/core/error.h"
#include "spine/dataset/study_set.h"
#include "spine/io/dicom/dicom_objects.h"
#include "spine/io/report_io.h"
#include "spine/review/machine_result.h"
#include "spine/review/review_file.h"
#include "spine/util/atomic_file.h"
#include "spine/util/csv.h"
#include "spine/util/json.h"
#include "spine/util/sha256.h"
#include "spine/util/text.h"

namespace spine::review {
namespace {

namespace fs = std::filesystem;

using nlohmann::json;

constexpr const char* kReviewedReport = "measurements_reviewed.dcm";

const std::vector<std::string>& annotation_names() {
  static const std::vector<std::string> names{"source", "reader", "verdict", "edited"};
  return names;
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

/// landmarks_reviewed.json: the landmarks of a reading, and "review", which says whose they are and
/// from which files they were made, so that a later change of these is noticed.
json landmarks_document(const ReviewedStudy& study, const fs::path& folder) {
  json document = study.reading.landmarks;
  document["review"] = {{"reader", study.reading.reader},
                        {"verdict", std::string(to_string(study.reading.verdict))},
                        {"edited", study.edited},
                        {"stale", study.reading.stale},
                        {"revision", study.revision},
                        {"time", study.reading.time},
                        {"film_sha256", study.machine.film_sha256},
                        {"landmarks_sha256", sha256_of_file(folder / "landmarks.json")},
                        {"review_sha256", sha256_of_file(folder / ReviewFile::kName)}};
  return document;
}

/// @throws Error(output)
void remove_file(const fs::path& file) {
  std::error_code error;
  fs::remove(file, error);
  if (error) {
    throw Error(ErrorKind::output, "remove " + file.filename().string() + ": " + error.message());
  }
}

/// Writes the landmarks of a study that was edited or approved, and removes earlier ones of others.
void update_landmarks(const ReviewedStudy& study, const fs::path& folder) {
  const bool counts = !study.edited.empty() || study.reading.verdict == Reading::Verdict::approved;
  if (study.is_read() && counts) {
    write_json(folder / kReviewedLandmarks, landmarks_document(study, folder));
    return;
  }
  remove_file(folder / kReviewedLandmarks);
}

/// One export.
class Export {
 public:
  Export(const Cohort& cohort, const fs::path& csv, const OnProblem& on_problem,
         const ExportOptions& options)
      : cohort_(cohort),
        on_problem_(on_problem),
        options_(options),
        raters_(beside(csv, "_raters")) {
    raters_.write(std::string_view("case,rater,session,parameter,value\n"));
  }

  /// The row of a study; that of a study that cannot be read says why.
  ReportRow row_of(const CohortStudy& study) {
    try {
      return row_of_readable(study);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::output) throw;
      const std::string reason = tell(study, error.what());
      ReportRow row{study.id, study.path, std::string(to_string(error.kind())), reason, {}};
      row.annotations = {"machine", "", "", ""};
      return row;
    }
  }

  /// Writes the blind readings, if there are any. @returns what was found
  ExportCounts finish() {
    if (counts_.readings > 0) raters_.commit();
    return counts_;
  }

 private:
  /// @returns the message as it may be shown
  std::string tell(const CohortStudy& study, const std::string& message) {
    std::string reason = cohort_.shown(message);
    on_problem_(study.id + ": " + reason);
    return reason;
  }

  ReportRow row_of_readable(const CohortStudy& study) {
    ReportRow row{study.id, study.path, study.status, study.error, {}};
    row.annotations = {"machine", "", "", ""};
    row.measurements.qc = study.flags;
    if (!study.has_results()) return row;
    const fs::path folder = cohort_.folder_of(study);
    const auto reviewed = read_reviewed(cohort_, study);
    row.measurements = reviewed.machine.measurements;
    if (!has_review(cohort_, study)) return row;
    write_readings(reviewed.machine, ReviewFile::read(folder, study.id), raters_, counts_);
    try {
      update_landmarks(reviewed, folder);
      update_report(reviewed, folder);
    } catch (const Error& error) {  // the tables are made without these files
      tell(study, error.what());
    }
    if (!reviewed.is_read()) return row;
    counts_.add(reviewed);
    const Reading& reading = reviewed.reading;
    const bool decided = reading.verdict != Reading::Verdict::open;
    row.measurements = reviewed.measurements;
    row.status = reviewed.status;
    row.error = reviewed.error;
    row.annotations = {decided || !reviewed.edited.empty() ? "reader" : "machine", reading.reader,
                       decided ? std::string(to_string(reading.verdict)) : "",
                       join(reviewed.edited, ";")};
    return row;
  }

  /// Patient, study and film of a study's DICOM objects; nullopt if none is known.
  std::optional<DicomSource> source_of(const ReviewedStudy& study, const fs::path& folder) {
    const fs::path report = folder / "report.dcm";
    if (fs::exists(report)) return read_dicom_evidence(report);
    if (options_.films == nullptr) return std::nullopt;
    return options_.films->dicom_source(study.machine.study, study.machine.film_sha256);
  }

  void update_report(const ReviewedStudy& study, const fs::path& folder) {
    const Reading& reading = study.reading;
    const bool counts = study.is_read() && reading.verdict != Reading::Verdict::rejected;
    const auto source =
        options_.dicom_sr && counts ? source_of(study, folder) : std::optional<DicomSource>();
    if (!source) {
      counts_.not_dicom += options_.dicom_sr && counts;
      remove_file(folder / kReviewedReport);
      return;
    }
    const DicomOrigin origin{*source, options_.version,
                             study.revision + " " + reading.landmarks.dump()};
    const Approval reader = study.approval.value_or(Approval{reading.reader, reading.time});
    write_dicom_sr(folder / kReviewedReport, study.measurements, origin,
                   DicomReading{reader.reader, options_.organization, reader.time,
                                study.approval.has_value(), study.edited});
    ++counts_.reports;
  }

  const Cohort& cohort_;
  const OnProblem& on_problem_;
  const ExportOptions& options_;
  AtomicFile raters_;
  ExportCounts counts_;
};

}  // namespace

ExportCounts export_reviewed(const Cohort& cohort, const fs::path& csv, const OnProblem& on_problem,
                             const ExportOptions& options) {
  const fs::path long_csv = beside(csv, "_long");
  for (const fs::path& file : {csv, long_csv, beside(csv, "_raters")}) {
    cohort.require_no_result(file);
  }
  std::vector<ReportRow> rows;
  std::vector<std::string> others;
  Export run(cohort, csv, on_problem, options);
  const auto studies = cohort.studies();
  for (const CohortStudy& study : *studies) {
    rows.push_back(run.row_of(study));
    for (auto& name : names_beyond_standard(rows.back().measurements)) {
      if (std::find(others.begin(), others.end(), name) == others.end()) {
        others.push_back(std::move(name));
      }
    }
  }
  std::sort(rows.begin(), rows.end(),
            [](const ReportRow& a, const ReportRow& b) { return a.study < b.study; });
  TableWriter table(csv, others, annotation_names());
  LongTableWriter long_table(long_csv, annotation_names());
  for (const ReportRow& row : rows) {
    table.add(row);
    long_table.add(row);
  }
  table.commit();
  long_table.commit();
  ExportCounts counts = run.finish();
  counts.studies = rows.size();
  return counts;
}

}  // namespace spine::review
