#pragma once
#include <functional>
#include <variant>
#include <vector>

#include "spine/dataset/study_set.h"
#include "spine/io/report_io.h"
#include "spine/util/display_names.h"

namespace spine::batch {

/// Writes a study's results and gives its row.
using WriteStudy = std::function<ReportRow()>;
/// Reads a study and computes its results: gives what writes them, or the study's row where there
/// is nothing left to do.
using PrepareStudy = std::function<std::variant<WriteStudy, ReportRow>(const Study&)>;

/// How one study ended.
struct StudyReport {
  std::size_t index = 0;  ///< into the list of studies
  ReportRow row;
  bool skipped = false;  ///< its results were there already
};

struct RunnerOptions {
  int workers = 1;         ///< studies at once, each on a thread of its own
  bool fail_fast = false;  ///< begin no study after the first that failed
  std::function<bool()> stop_requested = [] { return false; };  ///< asked between studies
  std::function<void(const StudyReport&)> on_study = [](const StudyReport&) {};  ///< one at a time
  DisplayNames names = {};  ///< of paths, in the rows of studies that failed
};

struct RunnerResult {
  /// One for every study, in the order given. Values of films that went well are not kept (their
  /// records hold them), so that a long run needs no more memory than a short one.
  std::vector<StudyReport> studies;
  bool interrupted = false;  ///< stop_requested said so before all were done
};

/// Whether a row's status stands for a result ("ok", "review", "missing").
bool is_success(const ReportRow& row);
/// Whether it stands for a study that was to give a result and did not; one that was left out
/// ("excluded") is neither.
bool is_failure(const ReportRow& row);

/// Prepares and writes studies, several at once; each is read, computed and written by one thread,
/// so that nothing waits for another study and no more studies are in memory than there are
/// workers. `prepare` and what it returns may throw: that study then ends as a row with its reason,
/// and all others go on. A study for which memory was short (Error of kind out_of_memory,
/// std::bad_alloc) while others were in memory is tried again with half as many workers, which
/// later ones keep to. When several results in a row cannot be written (a full disk, a share that
/// is gone) the run ends. Studies that were not reached have the status "interrupted".
/// @throws what on_study throws
RunnerResult run_studies(const std::vector<Study>& studies, const PrepareStudy& prepare,
                         const RunnerOptions& options);

}  // namespace spine::batch
