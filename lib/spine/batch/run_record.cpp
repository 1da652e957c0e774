#include "spine/batch/run_record.h"

#include <fstream>
#include <thread>

#include <sys/utsname.h>
#include <unistd.h>

#include "spine/core/error.h"

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

void ReasonCounts::add(const ReportRow& row) {
  ++statuses_[row.status];
  if (row.status == to_string(ErrorKind::excluded)) ++excluded_[kind_of(row.error)];
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
