#include "spine/batch/batch_run.h"

#include <chrono>
#include <iostream>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <utility>
#include <variant>

#include <opencv2/core/version.hpp>

#include "spine/batch/console.h"
#include "spine/batch/event_log.h"
#include "spine/batch/failure.h"
#include "spine/batch/final_rows.h"
#include "spine/batch/output_folder.h"
#include "spine/batch/run_lock.h"
#include "spine/batch/run_record.h"
#include "spine/batch/runner.h"
#include "spine/batch/skipped_files.h"
#include "spine/batch/study_status.h"
#include "spine/batch/tables.h"
#include "spine/util/atomic_file.h"
#include "spine/util/json.h"
#include "spine/util/schema.h"
#include "spine/util/sha256.h"
#include "spine/util/utf8.h"

namespace spine::batch {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// The missing folders of a path, deepest first.
std::vector<fs::path> missing_folders(fs::path folder) {
  std::vector<fs::path> missing;
  std::error_code ignored;
  for (; !folder.empty() && !fs::exists(folder, ignored); folder = folder.parent_path()) {
    if (folder.has_filename()) missing.push_back(folder);
  }
  return missing;
}

LockRequest lock_request(const BatchOptions& options, const std::string& run) {
  LockRequest request;
  request.output = options.output;
  request.shard = options.input.shard;
  request.command = options.command;
  request.run = run;
  request.wait = options.wait;
  request.stop_requested = options.stop_requested;
  request.on_wait = [options](const LockOwner& owner) {
    Console({options.command, false, options.quiet, options.verbosity, options.input.names})
        .info("waiting for another run to finish in " + options.output.string() + ": " +
              describe(owner));
  };
  return request;
}

/// A run of a job over a list of studies.
class BatchRun {
 public:
  BatchRun(const BatchOptions& options, const StudyList& list, const StudyJob& job);

  /// Prints to stdout what a run would do with each study.
  BatchStatus plan();
  /// Prepares the run, runs all studies, and concludes.
  BatchStatus run();

 private:
  /// Creates and locks the output folder, recovers what earlier runs left, opens the log, saves a
  /// new pseudonymisation key. If the run is refused, nothing of it remains.
  /// @throws Error(usage | output), PseudonymKeyTaken
  void begin();
  /// The steps of begin() that may refuse the run.
  void take_folder();
  /// Completes or removes what interrupted runs left in the output folder.
  void recover();

  /// Computes the results of a study; its row if they are up to date. Thread-safe.
  /// @throws Error(output) as OutputFolder::finished, and what the job throws
  std::variant<WriteStudy, ReportRow> prepare(const Study& study);
  /// The provenance of a study to be computed, or its row if its results are up to date.
  /// Thread-safe.
  /// @throws Error(output) as OutputFolder::finished
  std::variant<json, ReportRow> begin_study(const Study& study);
  /// Reports that a study is recomputed because a file of it is truncated.
  void note_cut_off(const Study& study, const std::string& file);
  /// Stages the study's files, adds the record, and commits them.
  /// @throws Error(output), and what `write` throws
  ReportRow finish_study(const Study& study, const WriteResults& write,
                         const json& provenance) const;
  /// Counts and logs a finished study.
  void note(const StudyReport& report);
  void print_failure(const ReportRow& row);

  /// Writes tables and run record, prints the summary.
  /// @throws Error(output)
  BatchStatus conclude(const RunnerResult& result);
  [[nodiscard]] json run_record(const RunnerResult& result, BatchStatus ending) const;
  /// Whether the list of skipped files is left as an earlier run wrote it.
  [[nodiscard]] bool keeps_skipped_list() const { return options_.add && list_.skipped.empty(); }
  /// Hash over "<study> <input hash>" of all studies.
  [[nodiscard]] std::string inputs_sha256() const;

  const BatchOptions& options_;
  const StudyList& list_;
  const std::vector<Study>& studies_;
  const StudyJob& job_;
  json job_options_;  ///< of the job, with the version: results may depend on it
  json weights_;      ///< of the job, without paths unless identifiers are kept
  OutputFolder folder_;
  RunFiles files_;
  Console console_;
  EventLog log_;
  Counts counts_;
  ReasonCounts reasons_;
  EarlierRows earlier_;
  std::map<std::string, std::string> unrecovered_;   ///< reasons, by study
  std::mutex mutex_;                                 ///< guards what begin_study() records:
  std::set<std::string> refused_;                    ///< studies whose results may not be replaced
  std::map<std::string, std::string> input_hashes_;  ///< by study
  std::string started_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::optional<RunLock> lock_;  ///< held from begin() on
};

BatchRun::BatchRun(const BatchOptions& options, const StudyList& list, const StudyJob& job)
    : options_(options),
      list_(list),
      studies_(list.studies),
      job_(job),
      job_options_(job.description().options),
      weights_(job.description().weights),
      folder_(options.output, job.description().files, options.force),
      files_(options.output, options.input.shard),
      console_({options.command, options.progress, options.quiet, options.verbosity,
                options.input.names}),
      started_(utc_now()) {
  counts_.studies = studies_.size();
  hide_weights(weights_, options.input.names);
  job_options_["version"] = options.version;
}

BatchStatus BatchRun::plan() {
  earlier_ = read_earlier_rows(files_, studies_, options_.force, options_.add);
  bool sound = true;
  for (const auto& study : studies_) {
    std::string what = one_line(study.error);
    if (what.empty()) {
      try {
        what = std::holds_alternative<ReportRow>(begin_study(study)) ? "skip" : "compute";
      } catch (...) {
        what = "error: " + without_path(describe_failure(std::current_exception()).message, study);
        sound = false;
      }
    } else if (study.error_kind != ErrorKind::excluded) {
      what.insert(0, "error: ");
      sound = false;
    }
    std::cout << study.id << '\t' << to_printable(study.shown) << '\t'
              << to_printable(options_.input.names(what)) << '\n';
  }
  for (const auto& [file, reason] : list_.skipped) {
    std::cout << "-\t" << to_printable(file) << "\tskipped: " << reason << '\n';
  }
  std::cout.flush();
  if (list_.key && list_.key->is_new()) {
    console_.info(
        "no pseudonymisation key yet: names of DICOM films will differ from those listed here");
  }
  return sound ? BatchStatus::all_done : BatchStatus::some_failed;
}

BatchStatus BatchRun::run() {
  begin();
  RunnerOptions runner;
  runner.workers = options_.workers;
  runner.fail_fast = options_.fail_fast;
  runner.stop_requested = options_.stop_requested;
  runner.names = options_.input.names;
  runner.on_study = [this](const StudyReport& report) { note(report); };
  return conclude(run_studies(
      studies_, [this](const Study& study) { return prepare(study); }, runner));
}

void BatchRun::begin() {
  const std::vector<fs::path> missing = missing_folders(options_.output);
  try {
    take_folder();
  } catch (const PseudonymKeyTaken&) {
    throw;  // other runs are active in the folder
  } catch (...) {
    lock_.reset();
    std::error_code ignored;
    for (const auto& folder : missing) fs::remove(folder, ignored);  // only empty ones
    throw;
  }
  for (const auto& line : earlier_.cut_off) {
    console_.error(line);
    log_.write("cut_off", {{"file", options_.input.names(line)}});
  }
  files_.remove_temporaries();
  recover();
  log_.write("start", {{"command", options_.command},
                       {"version", options_.version},
                       {"command_line", options_.command_line},
                       {"options_given", options_.options_given},
                       {"studies", studies_.size()},
                       {"studies_of_all_shards", list_.total}});
}

void BatchRun::take_folder() {
  folder_.prepare();
  lock_ = RunLock::acquire(lock_request(options_, folder_.run()));
  earlier_ = read_earlier_rows(files_, studies_, options_.force, options_.add);
  const bool lists_skipped = options_.input.shard.index == 1 && !list_.skipped.empty();
  if (lists_skipped && !options_.force) check_skipped(options_.output);
  if (lists_skipped && is_skipped_list_cut_off(options_.output)) {
    earlier_.cut_off.push_back(cut_off_line(options_.output / kSkipped));
  }
  log_ = EventLog(options_.log);
  if (list_.key) list_.key->keep();
  if (const auto& key = job_.description().key) key->keep();
}

void BatchRun::recover() {
  std::set<std::string> ids;
  for (const auto& study : studies_) ids.insert(study.id);
  const bool all = options_.input.shard.count == 1;  // then no other run is active here
  Recovered recovered = recover_staged(
      options_.output, [&](const std::string& id) { return all || ids.count(id) > 0; },
      lock_->active_runs());
  for (const auto& id : recovered.completed) {
    console_.info("study " + id + ": completed results that an interrupted run was writing");
  }
  unrecovered_ = std::move(recovered.failed);
}

std::variant<WriteStudy, ReportRow> BatchRun::prepare(const Study& study) {
  std::variant<json, ReportRow> beginning = begin_study(study);
  if (auto* row = std::get_if<ReportRow>(&beginning)) return std::move(*row);
  return [this, &study, write = job_.compute(study),
          provenance = std::get<json>(std::move(beginning))] {
    return finish_study(study, write, provenance);
  };
}

std::variant<json, ReportRow> BatchRun::begin_study(const Study& study) {
  const auto timer = job_.clock().time("hash");
  json options = job_options_;
  options.update(job_.study_options(study));
  const std::string options_text = options.dump(-1, ' ', false, json::error_handler_t::replace);
  const Fingerprint fingerprint{sha256_of_files(job_.input_files(study)),
                                sha256_of_text(options_text),
                                weights_.is_object() ? weights_.value("sha256", "") : ""};
  json weights = without_files(weights_);
  {
    const std::lock_guard lock(mutex_);
    input_hashes_[study.id] = fingerprint.input_sha256;
  }
  try {
    const auto unrecovered = unrecovered_.find(study.id);
    if (unrecovered != unrecovered_.end()) throw Error(ErrorKind::output, unrecovered->second);
    const EarlierResults earlier =
        folder_.finished(study.id, fingerprint, {{"options", options}, {"weights", weights}});
    if (earlier.record) return row_from_record(study, *earlier.record);
    if (!earlier.cut_off.empty()) note_cut_off(study, earlier.cut_off);
  } catch (const Error&) {
    const std::lock_guard lock(mutex_);
    refused_.insert(study.id);
    throw;
  }
  return json{{"command", options_.command},
              {"version", options_.version},
              {"input", {{"path", study.shown}, {"sha256", fingerprint.input_sha256}}},
              {"weights", std::move(weights)},
              {"device", job_.description().device},
              {"options", std::move(options)},
              {"fingerprint", to_json(fingerprint)}};
}

void BatchRun::note_cut_off(const Study& study, const std::string& file) {
  console_.info("study " + study.id + ": " + file +
                " was cut off, as by a power failure; recomputing the study");
  log_.write("cut_off", {{"study", study.id}, {"file", file}});
}

ReportRow BatchRun::finish_study(const Study& study, const WriteResults& write,
                                 const json& provenance) const {
  const StudyFiles& files = job_.description().files;
  StagedStudy staged = folder_.stage(study.id);
  std::optional<SyncLater> together(std::in_place);
  json record = write(staged.folder(), provenance);
  const auto timer = job_.clock().time("write");
  for (const auto& file : together->files()) {
    if (!fs::exists(file)) {
      throw Error(ErrorKind::output,
                  "write " + file.string() + ": expected the file just written, got none");
    }
  }
  record["provenance"]["files"] = hashes_of(staged.folder(), files.others);
  record["provenance"]["file_sizes"] = sizes_of(staged.folder(), files.others);
  write_json(staged.folder() / files.record, record);
  together.reset();
  lock_->require_held();
  staged.commit();
  return row_from_record(study, record);
}

void BatchRun::print_failure(const ReportRow& row) {
  console_.error("study " + row.study + ": " + row.status + ": " + row.error);
}

void BatchRun::note(const StudyReport& report) {
  count(counts_, report);
  reasons_.add(report.row);
  const ReportRow& row = report.row;
  if (is_failure(row)) {
    print_failure(row);
  } else {
    console_.detail("study " + row.study + ": " +
                    (report.skipped ? "already up to date" : row.status) +
                    (row.error.empty() ? "" : " (" + row.error + ")"));
  }
  console_.progress(counts_);
  log_.write("study", {{"study", row.study},
                       {"path", row.path},
                       {"status", row.status},
                       {"error", row.error},
                       {"skipped", report.skipped}});
}

json BatchRun::run_record(const RunnerResult& result, BatchStatus ending) const {
  const JobDescription& job = job_.description();
  json versions = job.versions.is_object() ? job.versions : json::object();
  versions["spine"] = options_.version;
  versions["opencv"] = CV_VERSION;
  json seconds = json::object();
  for (const auto& [stage, spent] : job_.clock().seconds()) seconds[stage] = spent;
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start_;
  json record{{"schema", kRunSchema},
              {"command", options_.command},
              {"command_line", options_.command_line},
              {"options_given", options_.options_given},
              {"versions", versions},
              {"started", started_},
              {"finished", utc_now()},
              {"seconds", elapsed.count()},
              {"seconds_by_stage", seconds},
              {"machine", machine_facts()},
              {"device", job.device},
              {"weights", weights_},
              {"options", job_options_},
              {"identifiers", options_.input.keep_identifiers ? "kept" : "removed"},
              {"pseudonym_key", list_.key ? json(list_.key->fingerprint()) : json()},
              {"inputs",
               {{"studies", list_.total},
                {"skipped_files", keeps_skipped_list() ? count_skipped(options_.output).value_or(0)
                                                       : list_.skipped.size()},
                {"listing_sha256", list_.listing_sha256},
                {"sha256", inputs_sha256()}}},
              {"record_file", job.files.record},
              {"shard", {options_.input.shard.index, options_.input.shard.count}},
              {"counts", to_json(counts_)},
              {"reasons", reasons_.to_json()},
              {"tables_sha256", table_hashes(files_)},
              {"interrupted", result.interrupted}};
  record["counts"]["kept_from_earlier_run"] = earlier_.others.size();
  record["complete"] = ending == BatchStatus::all_done;
  return record;
}

std::string BatchRun::inputs_sha256() const {
  std::string joined;
  for (const auto& study : studies_) {
    const auto hash = input_hashes_.find(study.id);
    joined = joined_hashes(
        joined,
        sha256_of_text(study.id + " " + (hash == input_hashes_.end() ? "-" : hash->second)));
  }
  return joined;
}

BatchStatus BatchRun::conclude(const RunnerResult& result) {
  console_.end_progress();
  lock_->require_held();
  const FinalRows rows(result, earlier_, refused_, options_.output,
                       job_.description().files.record);
  for (const ReportRow& row : rows.damaged()) print_failure(row);
  counts_ = {};
  counts_.studies = studies_.size();
  bool keeps_results = false;
  for (const auto& report : result.studies) {
    count(counts_, rows.outcome(report));
    keeps_results = keeps_results || rows.keeps_earlier(report);
  }

  BatchStatus ending = BatchStatus::all_done;
  if (counts_.failed > 0 || counts_.not_reached > 0 || !rows.damaged().empty()) {
    ending = BatchStatus::some_failed;
  }
  if (result.interrupted) ending = BatchStatus::interrupted;

  CohortSummary cohort;
  write_tables(
      files_, [&](const auto& use) { rows.for_each(use); }, cohort);
  // Every shard knows the complete list; the first one writes it.
  if (options_.input.shard.index == 1 && !keeps_skipped_list()) {
    write_skipped(options_.output, list_.skipped);
  }
  const json record = run_record(result, ending);
  const bool nothing_done = keeps_results && counts_.done == 0 && counts_.skipped == 0;
  if (!nothing_done || !fs::exists(files_.record)) write_json(files_.record, record);
  log_.write("end", {{"counts", record["counts"]}, {"interrupted", result.interrupted}});
  if (log_.failed()) console_.error("log: " + options_.log.string() + ": could not be written");
  if (!options_.quiet) std::cout << cohort.text() << std::flush;
  console_.info(summary_text(counts_, record["seconds"].get<double>()) +
                "; table: " + files_.table.string());
  return ending;
}

}  // namespace

void wait_for_turn(const BatchOptions& options) {
  if (!options.dry_run) wait_for_runs(lock_request(options, ""));
}

BatchStatus run_batch(const BatchOptions& options, const StudyList& list, const StudyJob& job) {
  BatchRun run(options, list, job);
  return options.dry_run ? run.plan() : run.run();
}

}  // namespace spine::batch
