#include "spine/batch/run_record.h"

#include <fstream>
#include <thread>
#include <utility>

#include <sys/utsname.h>
#include <unistd.h>

#include "spine/batch/study_status.h"

namespace spine::batch {
namespace {

std::string processor_name() {
  std::ifstream facts("/proc/cpuinfo");
  for (std::string line; std::getline(facts, line);) {
    const auto colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

/// The reason of an exclusion: "excluded: a duplicate: its SOP Instance UID is ..." to "a
/// duplicate". Tables of earlier versions have another prefix.
std::string kind_of(const std::string& error) {
  std::string why = error;
  for (const std::string prefix : {"excluded: ", "left out: "}) {
    if (why.starts_with(prefix)) why.erase(0, prefix.size());
  }
  return why.substr(0, why.find(':'));
}

}  // namespace

nlohmann::json machine_facts() {
  utsname system{};
  uname(&system);
  const auto pages = sysconf(_SC_PHYS_PAGES), page_size = sysconf(_SC_PAGE_SIZE);
  return {{"system", std::string(system.sysname) + " " + system.release + " " + system.machine},
          {"processor", processor_name()},
          {"processors", std::thread::hardware_concurrency()},
          {"memory_mib", pages / 1024 * page_size / 1024}};
}

void count(Counts& counts, const StudyReport& report) {
  const StudyStatus status = status_of(report.row);
  if (status == StudyStatus::interrupted) {
    ++counts.not_reached;
  } else if (status == StudyStatus::excluded) {
    ++counts.excluded;
  } else if (is_failure(status)) {
    ++counts.failed;
  } else {
    ++(report.skipped ? counts.skipped : counts.done);
    if (status == StudyStatus::missing) ++counts.missing;
    if (status == StudyStatus::review) ++counts.review;
  }
}

nlohmann::json to_json(const Counts& counts) {
  return {{"studies", counts.studies},   {"done", counts.done},
          {"missing", counts.missing},   {"review", counts.review},
          {"skipped", counts.skipped},   {"failed", counts.failed},
          {"excluded", counts.excluded}, {"not_reached", counts.not_reached}};
}

nlohmann::json without_files(nlohmann::json weights) {
  if (!weights.is_object()) return weights;
  weights.erase("file");
  for (auto& network : weights) network = without_files(std::move(network));
  return weights;
}

void hide_weights(nlohmann::json& weights, const DisplayNames& names) {
  if (!weights.is_object() || names.empty()) return;
  if (const auto file = weights.find("file"); file != weights.end() && file->is_string()) {
    if (const auto name = names.name_of(file->get<std::string>())) weights["name"] = *name;
    weights.erase("file");
  }
  for (auto& network : weights) hide_weights(network, names);
}

void ReasonCounts::add(const ReportRow& row) {
  ++statuses_[row.status];
  if (status_of(row) == StudyStatus::excluded) ++excluded_[kind_of(row.error)];
  for (const auto& flag : row.measurements.qc) ++flags_[flag];
  for (const auto& name : row.measurements.not_in_film) ++not_in_film_[name];
}

nlohmann::json ReasonCounts::to_json() const {
  return {{"status", statuses_},
          {"excluded", excluded_},
          {"flags", flags_},
          {"not_in_film", not_in_film_}};
}

}  // namespace spine::batch
