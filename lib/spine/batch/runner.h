#pragma once
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include "spine/core/display_names.h"
#include "spine/io/report_io.h"
#include "spine/io/study_set.h"

namespace spine::batch {

/// The three steps of a batch. Each may throw: that study then ends as a row with its reason, and
/// all others go on. `Loaded` is what reading gives, `Processed` what is computed from it.
template <class Loaded, class Processed>
struct Steps {
  /// On the reader thread. A row instead of a payload means there is nothing left to do for it.
  std::function<std::variant<Loaded, ReportRow>(const Study&)> load;
  /// On the calling thread: one result per film, in the same order. A batch that throws is tried
  /// again in halves, down to single films; when memory was short (Error of kind out_of_memory,
  /// std::bad_alloc), later batches stay as small as the half.
  std::function<std::vector<Processed>(std::span<const Loaded* const>)> process;
  /// On the writer thread. Gives the study's row.
  std::function<ReportRow(const Study&, const Loaded&, const Processed&)> write;
};

/// How one study ended.
struct StudyReport {
  std::size_t index = 0;  ///< into the list of studies
  ReportRow row;
  bool skipped = false;  ///< its results were there already
};

struct RunnerOptions {
  int batch_size = 1;      ///< films that are processed together
  bool fail_fast = false;  ///< stop after the first study that failed
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

/// Reads, computes and writes at the same time on three threads with bounded queues in between: at
/// most a few films are in memory. When several results in a row cannot be written (a full disk, a
/// share that is gone) the run ends. Studies that were not reached have the status "interrupted".
template <class Loaded, class Processed>
RunnerResult run_studies(const std::vector<Study>& studies, const Steps<Loaded, Processed>& steps,
                         const RunnerOptions& options);

namespace detail {

using Payload = std::shared_ptr<const void>;

struct PayloadSteps {
  std::function<std::variant<Payload, ReportRow>(const Study&)> load;
  std::function<std::vector<Payload>(std::span<const Payload>)> process;
  std::function<ReportRow(const Study&, const Payload&, const Payload&)> write;
};

RunnerResult run_payloads(const std::vector<Study>& studies, const PayloadSteps& steps,
                          const RunnerOptions& options);

}  // namespace detail

template <class Loaded, class Processed>
RunnerResult run_studies(const std::vector<Study>& studies, const Steps<Loaded, Processed>& steps,
                         const RunnerOptions& options) {
  using detail::Payload;
  detail::PayloadSteps payload_steps;
  payload_steps.load = [&steps](const Study& study) -> std::variant<Payload, ReportRow> {
    std::variant<Loaded, ReportRow> loaded = steps.load(study);
    if (auto* row = std::get_if<ReportRow>(&loaded)) return std::move(*row);
    return Payload(std::make_shared<const Loaded>(std::move(std::get<Loaded>(loaded))));
  };
  payload_steps.process = [&steps](std::span<const Payload> payloads) {
    std::vector<const Loaded*> films;
    for (const auto& payload : payloads) films.push_back(static_cast<const Loaded*>(payload.get()));
    std::vector<Payload> results;
    for (Processed& result : steps.process(films)) {
      results.push_back(std::make_shared<const Processed>(std::move(result)));
    }
    return results;
  };
  payload_steps.write = [&steps](const Study& study, const Payload& loaded,
                                 const Payload& processed) {
    return steps.write(study, *static_cast<const Loaded*>(loaded.get()),
                       *static_cast<const Processed*>(processed.get()));
  };
  return detail::run_payloads(studies, payload_steps, options);
}

}  // namespace spine::batch
