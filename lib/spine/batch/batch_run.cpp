#include "spine/batch/batch_run.h"

#include <cstdio>
#include <iostream>

#include <opencv2/core/version.hpp>

#include "spine/batch/failure.h"
#include "spine/core/review.h"
#include "spine/core/sha256.h"
#include "spine/io/landmarks_io.h"

namespace spine::batch::detail {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string fixed(double value, int decimals) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

/// Takes the place of weights on this machine, which is no part of a result, out of their record.
void leave_out_files(json& weights) {
  if (!weights.is_object()) return;
  weights.erase("file");
  for (json& network : weights) leave_out_files(network);
}

void count(Counts& counts, const StudyReport& report) {
  if (report.row.status == "interrupted") {
    ++counts.not_reached;
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
  add(counts.skipped, " already there");
  add(counts.missing, " with values missing");
  add(counts.review, " to review");
  add(counts.failed, " failed");
  add(counts.not_reached, " not reached");
  text += " in " + fixed(seconds, 1) + " s";
  if (counts.done > 0) {
    text += " (" + fixed(seconds / static_cast<double>(counts.done), 2) + " s each)";
  }
  return text;
}

}  // namespace

BatchRun::BatchRun(const BatchOptions& options, const std::vector<Study>& studies, JobFacts facts,
                   StageClock& clock)
    : options_(options),
      studies_(studies),
      facts_(std::move(facts)),
      clock_(clock),
      folder_(options.output, facts_.files, options.force),
      files_(options.output, options.input.shard),
      console_({options.command, options.progress, options.quiet, options.verbosity}),
      started_(utc_now()) {
  counts_.studies = studies.size();
  facts_.options["version"] = options.version;  // another version may give other results
  earlier_ = read_earlier_rows(files_, studies, options.force);
}

BatchEnding BatchRun::plan() {
  bool sound = true;
  for (const auto& study : studies_) {
    std::string what = "error: " + one_line(study.error);
    if (study.error.empty()) {
      try {
        what = std::holds_alternative<ReportRow>(begin_study(study)) ? "skip" : "compute";
      } catch (...) {
        what = "error: " + describe_failure(std::current_exception()).message;
      }
    }
    if (what.starts_with("error")) sound = false;
    std::cout << study.id << '\t' << study.path.string() << '\t' << what << '\n';
  }
  std::cout.flush();
  return sound ? BatchEnding::all_done : BatchEnding::some_failed;
}

void BatchRun::begin() {
  folder_.prepare();
  log_ = EventLog(options_.log);
  log_.write("start", {{"command", options_.command},
                       {"version", options_.version},
                       {"command_line", options_.command_line},
                       {"studies", studies_.size()}});
}

std::variant<json, ReportRow> BatchRun::begin_study(const Study& study) {
  const auto timer = clock_.time("hash");
  json options = facts_.options;
  options.update(facts_.study_options(study));
  const Fingerprint fingerprint{
      sha256_of_files(facts_.input_files(study)), sha256_of_text(options.dump()),
      facts_.weights.is_object() ? facts_.weights.value("sha256", "") : ""};
  try {
    const auto record = folder_.finished(study.id, fingerprint);
    if (record) return row_from_record(study, *record);
  } catch (const Error&) {
    refused_.insert(study.id);
    throw;
  }
  json weights = facts_.weights;
  leave_out_files(weights);
  return json{{"command", options_.command},
              {"version", options_.version},
              {"input", {{"path", study.path.string()}, {"sha256", fingerprint.input_sha256}}},
              {"weights", std::move(weights)},
              {"device", facts_.device},
              {"options", std::move(options)},
              {"fingerprint", to_json(fingerprint)}};
}

ReportRow BatchRun::finish_study(const Study& study,
                                 const std::function<json(const fs::path&)>& write) const {
  StagedStudy staged = folder_.stage(study.id);
  json record = write(staged.folder());
  const auto timer = clock_.time("write");
  json& names = record["provenance"]["files"] = json::array();
  for (const auto& name : facts_.files.others) {
    if (fs::exists(staged.folder() / name)) names.push_back(name);
  }
  write_json(staged.folder() / facts_.files.record, record);
  staged.commit();
  return row_from_record(study, record);
}

void BatchRun::note(const StudyReport& report) {
  count(counts_, report);
  const ReportRow& row = report.row;
  if (!is_success(row)) {
    console_.error("study " + row.study + ": " + row.status + ": " + row.error);
  } else {
    console_.detail("study " + row.study + ": " + (report.skipped ? "already there" : row.status) +
                    (row.error.empty() ? "" : " (" + row.error + ")"));
  }
  console_.progress(counts_);
  log_.write("study", {{"study", row.study},
                       {"path", row.path},
                       {"status", row.status},
                       {"error", row.error},
                       {"skipped", report.skipped}});
}

json BatchRun::run_record(const RunnerResult& result, BatchEnding ending) const {
  json versions = facts_.versions.is_object() ? facts_.versions : json::object();
  versions["spine"] = options_.version;
  versions["opencv"] = CV_VERSION;
  json seconds = json::object();
  for (const auto& [stage, spent] : clock_.seconds()) seconds[stage] = spent;
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start_;
  json record{{"schema", "spine-run/1"},
              {"command", options_.command},
              {"command_line", options_.command_line},
              {"versions", versions},
              {"started", started_},
              {"finished", utc_now()},
              {"seconds", elapsed.count()},
              {"seconds_by_stage", seconds},
              {"device", facts_.device},
              {"weights", facts_.weights},
              {"options", facts_.options},
              {"shard", {options_.input.shard.index, options_.input.shard.count}},
              {"counts",
               {{"studies", counts_.studies},
                {"done", counts_.done},
                {"missing", counts_.missing},
                {"review", counts_.review},
                {"skipped", counts_.skipped},
                {"failed", counts_.failed},
                {"not_reached", counts_.not_reached},
                {"kept_from_earlier_run", earlier_.others.size()}}},
              {"interrupted", result.interrupted}};
  record["complete"] = ending == BatchEnding::all_done;
  return record;
}

bool BatchRun::keeps_earlier_results(const ReportRow& row) const {
  const bool untouched = row.status == "interrupted" || refused_.count(row.study) > 0;
  return untouched && earlier_.results.count(row.study) > 0;
}

BatchEnding BatchRun::conclude(const RunnerResult& result) {
  console_.end_progress();
  std::vector<ReportRow> rows;
  counts_ = {};
  counts_.studies = studies_.size();
  bool kept_results = false;
  for (const auto& report : result.studies) {
    count(counts_, report);
    const bool keep = keeps_earlier_results(report.row);
    rows.push_back(keep ? earlier_.results.at(report.row.study) : report.row);
    kept_results = kept_results || keep;
  }
  rows.insert(rows.end(), earlier_.others.begin(), earlier_.others.end());

  BatchEnding ending = BatchEnding::all_done;
  if (counts_.failed > 0 || counts_.not_reached > 0) ending = BatchEnding::some_failed;
  if (result.interrupted) ending = BatchEnding::interrupted;

  write_table(files_.table, rows);
  write_long_table(files_.long_table, rows);
  const json record = run_record(result, ending);
  const bool nothing_done = kept_results && counts_.done == 0 && counts_.skipped == 0;
  if (!nothing_done || !fs::exists(files_.record)) write_json(files_.record, record);
  log_.write("end", {{"counts", record["counts"]}, {"interrupted", result.interrupted}});
  if (log_.failed()) console_.error("log: " + options_.log.string() + ": could not be written");
  if (!options_.quiet) std::cout << overview(rows) << std::flush;
  console_.info(summary(counts_, record["seconds"].get<double>()) +
                "; table: " + files_.table.string());
  return ending;
}

}  // namespace spine::batch::detail
