#include "spine/batch/batch_run.h"

#include <cstdio>
#include <iostream>

#include <opencv2/core/version.hpp>

#include "spine/batch/failure.h"
#include "spine/batch/skipped_files.h"
#include "spine/core/flags.h"
#include "spine/io/landmarks_io.h"
#include "spine/util/atomic_file.h"
#include "spine/util/json.h"
#include "spine/util/schema.h"
#include "spine/util/sha256.h"
#include "spine/util/utf8.h"

namespace spine::batch::detail {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string fixed(double value, int decimals) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

/// Removes the location of weights on this machine, which is not part of a result, from their
/// record.
void leave_out_files(json& weights) {
  if (!weights.is_object()) return;
  weights.erase("file");
  for (json& network : weights) leave_out_files(network);
}

/// Removes paths from the record of weights, and the names of files that were given explicitly.
void hide_weights(json& weights, const DisplayNames& names) {
  if (!weights.is_object() || names.empty()) return;
  if (const auto file = weights.find("file"); file != weights.end() && file->is_string()) {
    if (const auto name = names.name_of(file->get<std::string>())) weights["name"] = *name;
    weights.erase("file");
  }
  for (json& network : weights) hide_weights(network, names);
}

void count(Counts& counts, const StudyReport& report) {
  if (report.row.status == to_string(ErrorKind::interrupted)) {
    ++counts.not_reached;
  } else if (report.row.status == to_string(ErrorKind::excluded)) {
    ++counts.excluded;
  } else if (!is_success(report.row)) {
    ++counts.failed;
  } else {
    ++(report.skipped ? counts.skipped : counts.done);
    if (report.row.status == to_string(Verdict::missing)) ++counts.missing;
    if (report.row.status == to_string(Verdict::review)) ++counts.review;
  }
}

std::string summary(const Counts& counts, double seconds) {
  std::string text = std::to_string(counts.studies) +
                     (counts.studies == 1 ? " study: " : " studies: ") +
                     std::to_string(counts.done) + " done";
  const auto add = [&text](std::size_t n, const char* what) {
    if (n > 0) text += ", " + std::to_string(n) + what;
  };
  add(counts.skipped, " already up to date");
  add(counts.missing, " with values missing");
  add(counts.review, " to review");
  add(counts.failed, " failed");
  add(counts.excluded, " excluded");
  add(counts.not_reached, " not reached");
  text += " in " + fixed(seconds, 1) + " s";
  if (counts.done > 0) {
    text += " (" + fixed(seconds / static_cast<double>(counts.done), 2) + " s each)";
  }
  return text;
}

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

}  // namespace

BatchRun::BatchRun(const BatchOptions& options, const StudyList& list, JobFacts facts,
                   StageClock& clock)
    : options_(options),
      list_(list),
      studies_(list.studies),
      facts_(std::move(facts)),
      clock_(clock),
      folder_(options.output, facts_.files, options.force),
      files_(options.output, options.input.shard),
      console_({options.command, options.progress, options.quiet, options.verbosity,
                options.input.names}),
      started_(utc_now()) {
  counts_.studies = studies_.size();
  hide_weights(facts_.weights, options.input.names);
  facts_.options["version"] = options.version;  // results may depend on the version
}

BatchStatus BatchRun::plan() {
  earlier_ = read_earlier_rows(files_, studies_, options_.force);
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
      what = "error: " + what;
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
  earlier_ = read_earlier_rows(files_, studies_, options_.force);
  const bool lists_skipped = options_.input.shard.index == 1 && !list_.skipped.empty();
  if (lists_skipped && !options_.force) check_skipped(options_.output);
  if (lists_skipped && is_skipped_list_cut_off(options_.output)) {
    earlier_.cut_off.push_back(cut_off_line(options_.output / kSkipped));
  }
  log_ = EventLog(options_.log);
  if (list_.key) list_.key->keep();
  if (facts_.key) facts_.key->keep();
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

std::variant<json, ReportRow> BatchRun::begin_study(const Study& study) {
  const auto timer = clock_.time("hash");
  json options = facts_.options;
  options.update(facts_.study_options(study));
  const std::string options_text = options.dump(-1, ' ', false, json::error_handler_t::replace);
  const Fingerprint fingerprint{
      sha256_of_files(facts_.input_files(study)), sha256_of_text(options_text),
      facts_.weights.is_object() ? facts_.weights.value("sha256", "") : ""};
  json weights = facts_.weights;
  leave_out_files(weights);
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
              {"device", facts_.device},
              {"options", std::move(options)},
              {"fingerprint", to_json(fingerprint)}};
}

void BatchRun::note_cut_off(const Study& study, const std::string& file) {
  console_.info("study " + study.id + ": " + file +
                " was cut off, as by a power failure; recomputing the study");
  log_.write("cut_off", {{"study", study.id}, {"file", file}});
}

ReportRow BatchRun::finish_study(const Study& study,
                                 const std::function<json(const fs::path&)>& write) const {
  StagedStudy staged = folder_.stage(study.id);
  std::optional<SyncLater> together(std::in_place);
  json record = write(staged.folder());
  const auto timer = clock_.time("write");
  for (const auto& file : together->files()) {
    if (!fs::exists(file)) {
      throw Error(ErrorKind::output,
                  "write " + file.string() + ": expected the file just written, got none");
    }
  }
  record["provenance"]["files"] = hashes_of(staged.folder(), facts_.files.others);
  record["provenance"]["file_sizes"] = sizes_of(staged.folder(), facts_.files.others);
  write_json(staged.folder() / facts_.files.record, record);
  together.reset();
  lock_->require_held();
  staged.commit();
  return row_from_record(study, record);
}

void BatchRun::note(const StudyReport& report) {
  count(counts_, report);
  reasons_.add(report.row);
  const ReportRow& row = report.row;
  if (is_failure(row)) {
    console_.error("study " + row.study + ": " + row.status + ": " + row.error);
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
  json versions = facts_.versions.is_object() ? facts_.versions : json::object();
  versions["spine"] = options_.version;
  versions["opencv"] = CV_VERSION;
  json seconds = json::object();
  for (const auto& [stage, spent] : clock_.seconds()) seconds[stage] = spent;
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
              {"device", facts_.device},
              {"weights", facts_.weights},
              {"options", facts_.options},
              {"identifiers", options_.input.keep_identifiers ? "kept" : "removed"},
              {"pseudonym_key", list_.key ? json(list_.key->fingerprint()) : json()},
              {"inputs",
               {{"studies", list_.total},
                {"skipped_files", list_.skipped.size()},
                {"listing_sha256", list_.listing_sha256},
                {"sha256", inputs_sha256()}}},
              {"record_file", facts_.files.record},
              {"shard", {options_.input.shard.index, options_.input.shard.count}},
              {"counts",
               {{"studies", counts_.studies},
                {"done", counts_.done},
                {"missing", counts_.missing},
                {"review", counts_.review},
                {"skipped", counts_.skipped},
                {"failed", counts_.failed},
                {"excluded", counts_.excluded},
                {"not_reached", counts_.not_reached},
                {"kept_from_earlier_run", earlier_.others.size()}}},
              {"reasons", reasons_.to_json()},
              {"tables_sha256", table_hashes(files_)},
              {"interrupted", result.interrupted}};
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

ReportRow BatchRun::row_of(const StudyReport& report) const {
  return keeps_earlier_results(report.row) ? earlier_.results.at(report.row.study) : report.row;
}

void BatchRun::for_each_row(const RunnerResult& result,
                            const std::function<void(const ReportRow&)>& use) const {
  const auto use_with_values = [&](const ReportRow& row) {
    const auto damaged = damaged_.find(row.study);
    use(damaged != damaged_.end() ? damaged->second
                                  : with_values(row, options_.output, facts_.files.record));
  };
  for (const auto& report : result.studies) use_with_values(row_of(report));
  for (const auto& row : earlier_.others) use_with_values(row);
}

void BatchRun::find_damaged(const RunnerResult& result) {
  const auto check = [&](const ReportRow& row) {
    if (!is_success(row)) return;
    ReportRow now = with_values(row, options_.output, facts_.files.record);
    if (is_success(now)) return;
    console_.error("study " + now.study + ": " + now.status + ": " + now.error);
    damaged_.emplace(row.study, std::move(now));
  };
  for (const auto& report : result.studies) check(row_of(report));
  for (const auto& row : earlier_.others) check(row);
}

bool BatchRun::keeps_earlier_results(const ReportRow& row) const {
  const bool untouched = row.status == "interrupted" || refused_.count(row.study) > 0;
  return untouched && earlier_.results.count(row.study) > 0;
}

BatchStatus BatchRun::conclude(const RunnerResult& result) {
  console_.end_progress();
  lock_->require_held();
  find_damaged(result);
  counts_ = {};
  counts_.studies = studies_.size();
  bool keeps_results = false;
  for (const auto& report : result.studies) {
    const bool keep = keeps_earlier_results(report.row);
    const auto damaged = damaged_.find(report.row.study);
    count(counts_, keep || damaged == damaged_.end()
                       ? report
                       : StudyReport{report.index, damaged->second, report.skipped});
    keeps_results = keeps_results || keep;
  }

  BatchStatus ending = BatchStatus::all_done;
  if (counts_.failed > 0 || counts_.not_reached > 0 || !damaged_.empty()) {
    ending = BatchStatus::some_failed;
  }
  if (result.interrupted) ending = BatchStatus::interrupted;

  CohortSummary cohort;
  write_tables(
      files_, [&](const auto& use) { for_each_row(result, use); }, cohort);
  // Every shard knows the complete list; the first one writes it.
  if (options_.input.shard.index == 1) write_skipped(options_.output, list_.skipped);
  const json record = run_record(result, ending);
  const bool nothing_done = keeps_results && counts_.done == 0 && counts_.skipped == 0;
  if (!nothing_done || !fs::exists(files_.record)) write_json(files_.record, record);
  log_.write("end", {{"counts", record["counts"]}, {"interrupted", result.interrupted}});
  if (log_.failed()) console_.error("log: " + options_.log.string() + ": could not be written");
  if (!options_.quiet) std::cout << cohort.text() << std::flush;
  console_.info(summary(counts_, record["seconds"].get<double>()) +
                "; table: " + files_.table.string());
  return ending;
}

}  // namespace spine::batch::detail

namespace spine::batch {

void wait_for_turn(const BatchOptions& options) {
  if (!options.dry_run) wait_for_runs(detail::lock_request(options, ""));
}

}  // namespace spine::batch
