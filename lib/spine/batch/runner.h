#pragma once
#include <functional>
#include <variant>
#include <vector>

#include "spine/dataset/study_set.h"
#include "spine/io/report_io.h"
#include "spine/util/display_names.h"

namespace spine::batch {

/// Writes the results of a study and returns its row.
using WriteStudy = std::function<ReportRow()>;
/// Reads a study and computes its results: returns the function that writes them, or the row of the
/// study if there is nothing to do.
using PrepareStudy = std::function<std::variant<WriteStudy, ReportRow>(const Study&)>;

/// The outcome of one study.
struct StudyReport {
  std::size_t index = 0;  ///< index into the list of studies
  ReportRow row;
  bool skipped = false;  ///< its results were up to date
};

/// How studies are scheduled.
struct RunnerOptions {
  int workers = 1;         ///< number of studies processed concurrently, one thread each
  bool fail_fast = false;  ///< start no study after the first failure
  std::function<bool()> stop_requested = [] { return false; };  ///< polled between studies
  /// Called for one study at a time.
  std::function<void(const StudyReport&)> on_study = [](const StudyReport&) {};
  DisplayNames names = {};  ///< applied to paths, in the rows of failed studies
};

/// The outcome of all studies.
struct RunnerResult {
  /// One per study, in the order given. Measurements of successful studies are not kept (they are
  /// in their records), so that memory does not grow with the length of the run.
  std::vector<StudyReport> studies;
  bool interrupted = false;  ///< stop_requested returned true before all studies were done
};

/// Prepares and writes studies concurrently. Each study is read, computed and written by one
/// thread, so that none waits for another and no more studies are in memory than there are workers.
/// If `prepare` or the function it returns throws, that study ends as a row with the reason and the
/// others continue. A study that ran out of memory (Error of kind out_of_memory, std::bad_alloc)
/// while others were in memory is retried with half as many workers, which also applies to later
/// studies. If several consecutive results cannot be written (full disk, lost network share) the
/// run ends. Studies that were not reached have the status "interrupted".
/// @throws what on_study throws
RunnerResult run_studies(const std::vector<Study>& studies, const PrepareStudy& prepare,
                         const RunnerOptions& options);

}  // namespace spine::batch
