#include "spine/review/report_rows.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <nlohmann/json.hpp>

#include "spine/batch/run_files.h"
#include "spine/core/error.h"
#include "spine/core/flags.h"
#include "spine/review/report_plots.h"
#include "spine/util/folder.h"
#include "spine/util/json.h"
#include "spine/util/text.h"

namespace spine::review {
namespace {

using nlohmann::json;

std::vector<std::string> reasons_among(const std::vector<std::string>& flags) {
  std::vector<std::string> reasons;
  std::copy_if(flags.begin(), flags.end(), std::back_inserter(reasons), is_reason);
  return reasons;
}

ReportValues values_of(const Measurements& measurements) {
  ReportValues values;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Measurement* m = measurements.find(report_angles()[i].name);
    if (m != nullptr) values[i] = m->value;
  }
  return values;
}

void take_reading(const ReviewedStudy& reviewed, ReportStudy& study) {
  study.status = reviewed.status;
  study.error = reviewed.error;
  study.reasons = assess(reviewed.measurements).reasons;
  study.values = values_of(reviewed.measurements);
  study.machine = values_of(reviewed.machine.measurements);
  study.reader = reviewed.reading.reader;
  study.verdict = reviewed.reading.verdict;
  study.edited = reviewed.edited;
  study.stale = reviewed.reading.stale;
}

void add_new(std::vector<std::string>& list, const std::string& text) {
  if (text.empty() || std::find(list.begin(), list.end(), text) != list.end()) return;
  list.push_back(text);
}

/// Names of the networks, with the beginning of their hashes, of a record of weights.
void add_weights(const json& weights, std::vector<std::string>& names) {
  constexpr std::size_t kShown = 12;
  if (!weights.is_object()) return;
  const std::string name = text_at(weights, "name"), hash = text_at(weights, "sha256");
  if (!name.empty()) add_new(names, name + (hash.empty() ? "" : " " + hash.substr(0, kShown)));
  for (const json& part : weights) add_weights(part, names);
}

/// @throws Error(not_found) if a study with results has no record of them
void require_record(const Cohort& cohort, const CohortStudy& study) {
  if (!study.has_results() || may_be_file(cohort.folder_of(study) / "measurements.json")) return;
  throw Error(ErrorKind::not_found,
              "expected measurements.json in its folder, found none; the values are the table's");
}

}  // namespace

std::optional<double> pi_minus_ll(const ReportValues& values) {
  const auto &pi = values[2], &ll = values[3];
  if (!pi || !ll) return std::nullopt;
  return *pi - *ll;
}

std::vector<ReportStudy> report_studies(const Cohort& cohort, const OnProblem& on_problem,
                                        ReportCounts& counts) {
  std::vector<ReportStudy> studies;
  const auto entries = cohort.studies();
  studies.reserve(entries->size());
  for (const CohortStudy& entry : *entries) {
    ReportStudy study;
    study.number = studies.size() + 1;
    study.id = entry.id;
    study.status = entry.status;
    study.error = entry.error;
    study.has_results = entry.has_results();
    study.reasons = reasons_among(entry.flags);
    study.values = study.machine = {entry.pt, entry.ss, entry.pi, entry.ll};
    try {
      require_record(cohort, entry);
      if (has_review(cohort, entry)) {
        const auto reviewed = read_reviewed(cohort, entry);
        counts.add(reviewed);
        if (reviewed.is_read()) take_reading(reviewed, study);
      }
    } catch (const Error& error) {
      on_problem(entry.id + ": " + cohort.shown(error.what()));
    }
    studies.push_back(std::move(study));
  }
  counts.studies = studies.size();
  return studies;
}

std::vector<Share> shares_by_status(const std::vector<ReportStudy>& studies) {
  std::map<std::string, std::size_t> counts;
  for (const ReportStudy& study : studies) ++counts[study.status];
  std::vector<Share> shares;
  for (const char* known : {"ok", "review", "missing"}) {
    if (counts.contains(known)) shares.push_back({known, counts.at(known)});
    counts.erase(known);
  }
  for (const auto& [status, count] : counts) shares.push_back({status, count});
  return shares;
}

std::vector<Share> shares_by_reason(const std::vector<ReportStudy>& studies) {
  std::map<std::string, std::size_t> counts;
  for (const ReportStudy& study : studies) {
    for (const std::string& reason : study.reasons) ++counts[reason];
  }
  std::vector<Share> shares;
  for (const auto& [reason, count] : counts) shares.push_back({reason, count});
  std::stable_sort(shares.begin(), shares.end(),
                   [](const Share& a, const Share& b) { return a.count > b.count; });
  return shares;
}

std::map<std::string, ReaderCounts> counts_by_reader(const std::vector<ReportStudy>& studies) {
  std::map<std::string, ReaderCounts> readers;
  for (const ReportStudy& study : studies) {
    if (study.reader.empty()) continue;
    ReaderCounts& counts = readers[study.reader];
    counts.approved += study.verdict == Reading::Verdict::approved;
    counts.rejected += study.verdict == Reading::Verdict::rejected;
    counts.open += study.verdict == Reading::Verdict::open;
    counts.edited += !study.edited.empty();
  }
  return readers;
}

RunFacts run_facts(const Cohort& cohort) {
  RunFacts facts;
  for (const auto& run : batch::runs_in(cohort.folder())) {
    json record;
    try {
      record = read_json(run.record);
    } catch (const Error&) {
      continue;  // the table tells the results
    }
    if (!record.is_object()) continue;
    const std::string version = text_at(record.value("versions", json::object()), "spine");
    std::string program = text_at(record, "command");
    if (!version.empty()) program.append(" ").append(version);
    add_new(facts.programs, program);
    std::vector<std::string> weights;
    add_weights(record.value("weights", json()), weights);
    add_new(facts.weights, join(weights, ", "));
    add_new(facts.dates, text_at(record, "finished").substr(0, 10));
    facts.identified = facts.identified || text_at(record, "identifiers") == "kept";
  }
  return facts;
}

}  // namespace spine::review
