#include "review/output.h"

#include <iostream>
#include <optional>
#include <set>
#include <string>

#include "spine/batch/event_log.h"
#include "spine/cli/app.h"
#include "spine/review/dropped_films.h"

namespace spine::review {
namespace {

class Output {
 public:
  /// @param names  placeholders for the paths of the command line
  Output(const Cohort& cohort, const CommandOptions& options, const DisplayNames& names)
      : cohort_(cohort), options_(options), names_(names) {}

  int write() {
    if (!options_.export_table.empty()) export_tables();
    if (!options_.html.empty()) make_report();
    return problems_.empty() ? cli::kExitDone : cli::kExitSomeFailed;
  }

 private:
  /// The first problem of each study is told.
  void tell(const std::string& problem) {
    if (problems_.insert(problem.substr(0, problem.find(": "))).second) {
      say("study " + names_(problem));
    }
  }
  static void say(const std::string& text) { std::cerr << kProgram << ": " << text << "\n"; }

  static std::string counted(const ReviewCounts& counts, std::size_t studies) {
    return std::to_string(studies) + " studies: " + std::to_string(counts.approved) +
           " approved, " + std::to_string(counts.rejected) + " rejected, " +
           std::to_string(counts.edited) + " edited, " + std::to_string(counts.stale) +
           " read before the machine's landmarks changed";
  }

  void export_tables() {
    const auto& given = options_.films.run.input;
    std::optional<FilmLibrary> films;
    if (!given.inputs.empty() || given.manifest) films.emplace(given);
    const DroppedFilms dropped(cohort_.folder());
    if (!dropped.ids().empty()) {
      if (!films) films.emplace();
      films->add(dropped);
    }
    auto exporting = options_.exporting;
    exporting.version = cli::version();
    if (films) exporting.films = &*films;
    const auto counts = export_reviewed(
        cohort_, options_.export_table, [this](const std::string& problem) { tell(problem); },
        exporting);
    say(counted(counts, counts.studies));
    if (!exporting.dicom_sr) return;
    say(std::to_string(counts.reports) + " DICOM SR documents; " +
        std::to_string(counts.not_dicom) + " studies without a DICOM film (--films) or report.dcm");
  }

  void make_report() {
    auto report = options_.report;
    report.version = cli::version();
    report.time = batch::utc_now();
    const auto counts = write_report(cohort_, options_.html, report,
                                     [this](const std::string& problem) { tell(problem); });
    say("report of " + counted(counts, counts.studies) + "; " + std::to_string(counts.thumbnails) +
        " thumbnails");
  }

  const Cohort& cohort_;
  const CommandOptions& options_;
  const DisplayNames& names_;
  std::set<std::string> problems_;  ///< studies that could not be read
};

}  // namespace

int write_output(const Cohort& cohort, const CommandOptions& options, const DisplayNames& names) {
  return Output(cohort, options, names).write();
}

}  // namespace spine::review
