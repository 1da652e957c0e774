#include "spine/batch/run_files.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "spine/batch/skipped_files.h"
#include "spine/core/error.h"
#include "spine/util/atomic_file.h"
#include "spine/util/folder.h"
#include "spine/util/sha256.h"

namespace spine::batch {

namespace fs = std::filesystem;
using nlohmann::json;

RunFiles::RunFiles(const fs::path& output, const Shard& shard) {
  const std::string part = shard.count == 1 ? ""
                                            : ".shard-" + std::to_string(shard.index) + "-of-" +
                                                  std::to_string(shard.count);
  record = output / ("run" + part + ".json");
  table = output / ("measurements" + part + ".csv");
  long_table = output / ("measurements_long" + part + ".csv");
}

std::optional<Shard> RunFiles::shard_of(const std::string& record_name) {
  static const std::string start = "run.shard-", middle = "-of-", end = ".json";
  if (record_name == "run.json") return Shard{};
  if (!record_name.starts_with(start) || !record_name.ends_with(end)) return std::nullopt;
  std::string numbers = record_name.substr(start.size());
  numbers.erase(numbers.size() - end.size());
  const auto cut = numbers.find(middle);
  if (cut == std::string::npos) return std::nullopt;
  try {
    return Shard::parse(numbers.replace(cut, middle.size(), "/"));
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::vector<Shard> shards_in(const fs::path& output) {
  std::vector<Shard> shards;
  for (const auto& entry : list_folder(output).entries) {
    const auto shard = RunFiles::shard_of(entry.filename().string());
    if (shard) shards.push_back(*shard);
  }
  std::sort(shards.begin(), shards.end(), [](const Shard& a, const Shard& b) {
    return std::pair(a.count, a.index) < std::pair(b.count, b.index);
  });
  return shards;
}

std::vector<RunFiles> runs_in(const fs::path& output) {
  std::vector<Shard> shards = shards_in(output);
  if (!shards.empty() && shards.front() == Shard{}) shards = {Shard{}};
  std::vector<RunFiles> runs;
  for (const Shard& shard : shards) runs.emplace_back(output, shard);
  return runs;
}

json table_hashes(const RunFiles& files) {
  return {{"measurements", sha256_of_file(files.table)},
          {"measurements_long", sha256_of_file(files.long_table)}};
}

void RunFiles::remove_temporaries() const {
  std::error_code error;
  for (const auto& entry : list_folder(record.parent_path()).entries) {
    const std::string name = entry.filename().string();
    for (const auto& file : {record, table, long_table, record.parent_path() / kSkipped}) {
      if (is_temporary_of(file.filename().string(), name)) fs::remove(entry, error);
    }
  }
}

std::string cut_off_line(const fs::path& file) {
  return "output: " + file.string() + ": was cut off, as by a power failure; rewriting it";
}

}  // namespace spine::batch
