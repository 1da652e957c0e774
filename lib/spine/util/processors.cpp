#include "spine/util/processors.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include <sched.h>

namespace spine {
namespace {

namespace fs = std::filesystem;

/// A positive integer; nullopt for anything else, such as "max" or -1.
std::optional<long long> positive(std::string_view text) {
  long long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value <= 0) return std::nullopt;
  return value;
}

/// Processors permitted by a quota of time per period.
std::optional<int> processors_of(std::string_view quota, std::string_view period) {
  const auto time = positive(quota), of = positive(period);
  if (!time || !of) return std::nullopt;
  return static_cast<int>(
      std::min(1e6, std::ceil(static_cast<double>(*time) / static_cast<double>(*of))));
}

std::string word(const fs::path& file) {
  std::string text;
  std::ifstream(file) >> text;
  return text;
}

std::optional<int> quota_of(const fs::path& group) {
  std::string quota, period;
  std::ifstream(group / "cpu.max") >> quota >> period;
  if (!quota.empty()) return processors_of(quota, period);
  return processors_of(word(group / "cpu.cfs_quota_us"), word(group / "cpu.cfs_period_us"));
}

/// The smallest quota of a control group and its ancestors up to the hierarchy's root.
std::optional<int> least_quota(const fs::path& hierarchy, const fs::path& group) {
  std::optional<int> least;
  for (fs::path at = group.relative_path();; at = at.parent_path()) {
    if (const auto quota = quota_of(hierarchy / at)) {
      least = std::min(*quota, least.value_or(*quota));
    }
    if (at.empty()) return least;
  }
}

/// Quota of this process's control groups. One line "ID:CONTROLLERS:PATH" each; CONTROLLERS is
/// empty in version 2 (cgroups(7)).
std::optional<int> quota_of_process(const fs::path& root) {
  std::optional<int> least;
  std::ifstream groups(root / "proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    const auto first = line.find(':');
    const auto second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    fs::path hierarchy = root / "sys/fs/cgroup";
    if (controllers != ",,") {
      if (controllers.find(",cpu,") == std::string::npos) continue;
      hierarchy /= "cpu";
    }
    if (const auto quota = least_quota(hierarchy, line.substr(second + 1))) {
      least = std::min(*quota, least.value_or(*quota));
    }
  }
  return least;
}

int affinity_of_process() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
  return static_cast<int>(std::thread::hardware_concurrency());  // more processors than CPU_SETSIZE
}

}  // namespace

int usable_processors(const fs::path& root, int affinity, const char* slurm) {
  int processors = affinity;
  if (const auto quota = quota_of_process(root)) processors = std::min(processors, *quota);
  if (slurm != nullptr) {
    if (const auto given = positive(slurm)) {
      processors = static_cast<int>(std::min<long long>(processors, *given));
    }
  }
  return std::max(1, processors);
}

int usable_processors() {
  return usable_processors("/", affinity_of_process(), std::getenv("SLURM_CPUS_PER_TASK"));
}

}  // namespace spine
