#pragma once
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "spine/batch/console.h"
#include "spine/batch/event_log.h"
#include "spine/batch/inputs.h"
#include "spine/batch/output_folder.h"
#include "spine/batch/run_lock.h"
#include "spine/batch/run_record.h"
#include "spine/batch/runner.h"
#include "spine/batch/stage_clock.h"
#include "spine/batch/tables.h"

namespace spine::batch {

/// Options of a batch run, as parsed from the command line.
struct BatchOptions {
  std::string command;                    ///< e.g. "spine-pipeline"
  std::string version;                    ///< of this toolkit
  std::vector<std::string> command_line;  ///< rebuilt from the options, for the run record
  nlohmann::json options_given = nlohmann::json::object();  ///< the same, by name
  InputOptions input;
  std::filesystem::path output;  ///< OUT, with one folder per study
  int workers = 1;               ///< number of studies processed concurrently
  bool force = false;            ///< replace results made with other options
  bool fail_fast = false;        ///< stop at the first failure
  bool dry_run = false;          ///< only print what would be done
  bool wait = false;             ///< wait for another run in the same folder instead of failing
  std::filesystem::path log;     ///< event log, JSON lines; empty: none
  bool progress = true;          ///< show the progress line
  bool quiet = false;            ///< print errors only
  int verbosity = 0;             ///< 1: also print details
  std::function<bool()> stop_requested = [] { return false; };  ///< polled between studies
};

/// The steps of a command for one study. They are called by several threads concurrently; the steps
/// of one study run on one thread.
/// @tparam Loaded     the input of a study in memory
/// @tparam Processed  its results in memory
template <class Loaded, class Processed>
struct Job {
  StudyFiles files;
  nlohmann::json options;   ///< everything that affects results, by name
  nlohmann::json weights;   ///< {"name", "sha256", "architecture"}, or null
  std::string device;       ///< "cpu", "cuda:0"
  nlohmann::json versions;  ///< of the libraries in use, by name
  /// The pseudonymisation key in use; a new one is saved when the run begins.
  std::optional<PseudonymKey> key;
  /// The input files of a study; their hash decides whether its results are up to date.
  std::function<std::vector<std::filesystem::path>(const Study&)> input_files;
  /// Options specific to one study (spacing, anterior side).
  std::function<nlohmann::json(const Study&)> study_options;
  /// Reads the input of a study.
  std::function<Loaded(const Study&)> load;
  /// Computes its results.
  std::function<Processed(const Loaded&)> process;
  /// Writes all files except the record to `folder` and returns the record. `provenance` is
  /// complete except for what only this step knows.
  std::function<nlohmann::json(const Study&, const Loaded&, const Processed&,
                               const std::filesystem::path& folder, nlohmann::json provenance)>
      write;
};

/// Waits, if requested by the options, until no other run is active in the output folder. Call it
/// before studies are collected, as the other run may be producing them.
/// @throws Error(output) if another run is active and waiting was not requested, Error(interrupted)
void wait_for_turn(const BatchOptions& options);

/// How a run ended: mapped to the exit status by the command.
enum class BatchStatus { all_done, some_failed, interrupted };

/// Runs a job over all studies: skips up-to-date results, isolates failures, shows progress, and
/// always ends by writing run.json and the tables, with one row per study. A study that was not
/// reached, or whose earlier results may not be replaced, keeps its earlier row; if there are no
/// other studies, run.json is left unchanged.
/// @throws Error(usage | not_found | output) if the run as a whole cannot be done
template <class Loaded, class Processed>
BatchStatus run_batch(const BatchOptions& options, const StudyList& list,
                      const Job<Loaded, Processed>& job, StageClock& clock);

namespace detail {

/// The parts of a job that do not depend on its types.
struct JobFacts {
  StudyFiles files;
  nlohmann::json options, weights, versions;
  std::string device;
  std::optional<PseudonymKey> key;
  std::function<std::vector<std::filesystem::path>(const Study&)> input_files;
  std::function<nlohmann::json(const Study&)> study_options;
};

/// The implementation of run_batch(), independent of the job's types.
class BatchRun {
 public:
  BatchRun(const BatchOptions& options, const StudyList& list, JobFacts facts, StageClock& clock);

  /// Prints to stdout what a run would do with each study.
  BatchStatus plan();
  /// Prepares the run before the first study: creates and locks the output folder, recovers what
  /// earlier runs left, opens the log, saves a new pseudonymisation key. If the run is refused,
  /// nothing of it remains.
  /// @throws Error(usage | output), PseudonymKeyTaken
  void begin();
  /// The provenance of a study to be computed, or its row if its results are up to date.
  /// Thread-safe.
  /// @throws Error(output) as OutputFolder::finished
  std::variant<nlohmann::json, ReportRow> begin_study(const Study& study);
  /// Stages the study's files, adds the record returned by `write`, and commits them.
  /// @throws Error(output), and what `write` throws
  ReportRow finish_study(
      const Study& study,
      const std::function<nlohmann::json(const std::filesystem::path& folder)>& write) const;
  /// Counts and logs a finished study.
  void note(const StudyReport& report);
  /// Writes tables and run record, prints the summary.
  /// @throws Error(output)
  BatchStatus conclude(const RunnerResult& result);

 private:
  /// The steps of begin() that may refuse the run.
  void take_folder();
  [[nodiscard]] bool keeps_earlier_results(const ReportRow& row) const;
  [[nodiscard]] nlohmann::json run_record(const RunnerResult& result, BatchStatus ending) const;
  /// Hash over "<study> <input hash>" of all studies.
  [[nodiscard]] std::string inputs_sha256() const;
  /// Calls `use` with every row including its values, in order.
  void for_each_row(const RunnerResult& result,
                    const std::function<void(const ReportRow&)>& use) const;
  /// The row of a study in the tables, without its values.
  [[nodiscard]] ReportRow row_of(const StudyReport& report) const;
  /// Completes or removes what interrupted runs left in the output folder.
  void recover();
  /// Reports that a study is recomputed because a file of it is truncated.
  void note_cut_off(const Study& study, const std::string& file);
  /// Finds rows whose records cannot be read.
  void find_damaged(const RunnerResult& result);

  const BatchOptions& options_;
  const StudyList& list_;
  const std::vector<Study>& studies_;
  JobFacts facts_;
  StageClock& clock_;
  OutputFolder folder_;
  RunFiles files_;
  Console console_;
  EventLog log_;
  Counts counts_;
  ReasonCounts reasons_;
  EarlierRows earlier_;
  std::map<std::string, std::string> unrecovered_;   ///< reasons, by study
  std::map<std::string, ReportRow> damaged_;         ///< rows replacing those of damaged results
  std::mutex mutex_;                                 ///< guards what begin_study() records:
  std::set<std::string> refused_;                    ///< studies whose results may not be replaced
  std::map<std::string, std::string> input_hashes_;  ///< by study
  std::string started_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::optional<RunLock> lock_;  ///< held from begin() on
};

}  // namespace detail

template <class Loaded, class Processed>
BatchStatus run_batch(const BatchOptions& options, const StudyList& list,
                      const Job<Loaded, Processed>& job, StageClock& clock) {
  using nlohmann::json;
  detail::BatchRun run(options, list,
                       {job.files, job.options, job.weights, job.versions, job.device, job.key,
                        job.input_files, job.study_options},
                       clock);
  if (options.dry_run) return run.plan();
  run.begin();

  const auto prepare = [&](const Study& study) -> std::variant<WriteStudy, ReportRow> {
    std::variant<json, ReportRow> beginning = run.begin_study(study);
    if (auto* row = std::get_if<ReportRow>(&beginning)) return std::move(*row);
    const auto loaded = std::make_shared<const Loaded>(job.load(study));
    const auto processed = std::make_shared<const Processed>(job.process(*loaded));
    return [&run, &job, &study, loaded, processed, provenance = std::get<json>(beginning)] {
      return run.finish_study(study, [&](const std::filesystem::path& folder) {
        return job.write(study, *loaded, *processed, folder, provenance);
      });
    };
  };
  RunnerOptions runner;
  runner.workers = options.workers;
  runner.fail_fast = options.fail_fast;
  runner.stop_requested = options.stop_requested;
  runner.names = options.input.names;
  runner.on_study = [&run](const StudyReport& report) { run.note(report); };
  return run.conclude(run_studies(list.studies, prepare, runner));
}

}  // namespace spine::batch
