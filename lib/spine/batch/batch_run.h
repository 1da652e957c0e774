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

/// A run as the command line asks for it.
struct BatchOptions {
  std::string command;                    ///< "spine-pipeline"
  std::string version;                    ///< of this project
  std::vector<std::string> command_line;  ///< rebuilt from the options, for the run record
  nlohmann::json options_given = nlohmann::json::object();  ///< the same by name
  InputOptions input;
  std::filesystem::path output;
  int workers = 1;  ///< studies at once
  bool force = false;
  bool fail_fast = false;
  bool dry_run = false;
  bool wait = false;          ///< for another run in the same folder, instead of being refused
  std::filesystem::path log;  ///< JSON lines; empty: none
  bool progress = true;
  bool quiet = false;
  int verbosity = 0;
  std::function<bool()> stop_requested = [] { return false; };
};

/// What a command does with each study. Its steps are called by several threads at once, those of
/// one study by one thread.
template <class Loaded, class Processed>
struct Job {
  StudyFiles files;
  nlohmann::json options;   ///< everything that changes results, by name
  nlohmann::json weights;   ///< {"name", "sha256", "architecture"}, or null
  std::string device;       ///< "cpu", "cuda:0"
  nlohmann::json versions;  ///< of the libraries in use, by name
  /// That results are made with; one that is new is kept when the run begins.
  std::optional<PseudonymKey> key;
  /// The files a study is made from; their hash decides whether it is done already.
  std::function<std::vector<std::filesystem::path>(const Study&)> input_files;
  /// Further options that hold for one study (spacing, anterior side).
  std::function<nlohmann::json(const Study&)> study_options;
  std::function<Loaded(const Study&)> load;
  std::function<Processed(const Loaded&)> process;
  /// Writes all files but the record to `folder` and returns the record. `provenance` is complete
  /// but for what only this step knows.
  std::function<nlohmann::json(const Study&, const Loaded&, const Processed&,
                               const std::filesystem::path& folder, nlohmann::json provenance)>
      write;
};

/// Waits, where the options ask for it, until no other run is at work in the output folder. To be
/// called before studies are collected: the other run may be making them.
/// @throws Error(output) when there is one and the options do not ask to wait, Error(interrupted).
void wait_for_turn(const BatchOptions& options);

enum class BatchStatus { all_done, some_failed, interrupted };

/// Runs a job over all studies: skips those that are done, isolates failures, shows progress, and
/// always ends with run.json and the tables, one row for every study. A study whose earlier results
/// may not be replaced, or that was not reached, keeps its earlier row; when there was nothing
/// else, run.json is left as it is.
/// @throws Error when the run as a whole cannot be done: usage, nothing found, output.
template <class Loaded, class Processed>
BatchStatus run_batch(const BatchOptions& options, const StudyList& list,
                      const Job<Loaded, Processed>& job, StageClock& clock);

namespace detail {

/// What a run needs of a job besides its steps.
struct JobFacts {
  StudyFiles files;
  nlohmann::json options, weights, versions;
  std::string device;
  std::optional<PseudonymKey> key;
  std::function<std::vector<std::filesystem::path>(const Study&)> input_files;
  std::function<nlohmann::json(const Study&)> study_options;
};

class BatchRun {
 public:
  BatchRun(const BatchOptions& options, const StudyList& list, JobFacts facts, StageClock& clock);

  /// Prints what a run would do with each study, to stdout.
  BatchStatus plan();
  /// Before the first study: the output folder and its lock, what earlier runs left, the log, a
  /// new study key. Where the run is refused nothing is left of it.
  /// @throws Error(usage | output), StudyKeyTaken
  void begin();
  /// The provenance a study would have, or its row when it is done already. For several threads.
  std::variant<nlohmann::json, ReportRow> begin_study(const Study& study);
  /// Stages the study's files, adds the record that `write` returns, commits.
  ReportRow finish_study(
      const Study& study,
      const std::function<nlohmann::json(const std::filesystem::path& folder)>& write) const;
  void note(const StudyReport& report);
  BatchStatus conclude(const RunnerResult& result);

 private:
  /// All of begin() that may refuse the run.
  void take_folder();
  [[nodiscard]] bool keeps_earlier_results(const ReportRow& row) const;
  [[nodiscard]] nlohmann::json run_record(const RunnerResult& result, BatchStatus ending) const;
  /// The joined hashes of "<study> <hash of its input>" of each study.
  [[nodiscard]] std::string inputs_sha256() const;
  /// Rows with their values, one after the other.
  void for_each_row(const RunnerResult& result,
                    const std::function<void(const ReportRow&)>& use) const;
  /// The row that a study has in the tables, without its values.
  [[nodiscard]] ReportRow row_of(const StudyReport& report) const;
  void recover();
  /// Says that a study is computed anew for a file of it.
  void note_cut_off(const Study& study, const std::string& file);
  /// Looks for rows whose records cannot be read.
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
  std::map<std::string, ReportRow> damaged_;         ///< rows instead of those that hold results
  std::mutex mutex_;                                 ///< of what begin_study() notes:
  std::set<std::string> refused_;                    ///< whose results may not be replaced
  std::map<std::string, std::string> input_hashes_;  ///< by study
  std::string started_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::optional<RunLock> lock_;  ///< from begin() on
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
