#include "spine/batch/merge.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "spine/batch/inputs.h"
#include "spine/batch/option_differences.h"
#include "spine/batch/study_status.h"
#include "spine/batch/tables.h"
#include "spine/core/error.h"
#include "spine/util/json.h"
#include "spine/util/sha256.h"

namespace spine::batch {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct Part {
  Shard shard;
  json record;
  std::vector<ReportRow> rows;
};

[[noreturn]] void refuse(const fs::path& file, const std::string& what) {
  throw Error(ErrorKind::usage, "merge: " + file.string() + ": " + what);
}

std::vector<Part> read_parts(const fs::path& output) {
  std::vector<Part> parts;
  for (const Shard& shard : shards_in(output)) {
    if (shard != Shard{}) parts.push_back({shard, {}, {}});
  }
  if (parts.empty()) {
    throw Error(ErrorKind::not_found,
                "merge: " + output.string() + ": expected run.shard-I-of-N.json, found none");
  }
  const int count = parts.front().shard.count;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Shard& shard = parts[i].shard;
    const RunFiles files(output, shard);
    if (shard.count != count) {
      refuse(files.record, "expected shards of " + std::to_string(count) + ", got one of " +
                               std::to_string(shard.count));
    }
    parts[i].record = read_json(files.record);
    parts[i].rows = read_rows(files.table);
  }
  for (int index = 1; index <= count; ++index) {
    const bool there = std::any_of(parts.begin(), parts.end(),
                                   [&](const Part& part) { return part.shard.index == index; });
    if (there) continue;
    throw Error(ErrorKind::not_found, "merge: " + output.string() + ": expected " +
                                          std::to_string(count) +
                                          " shards, found none with --shard " +
                                          std::to_string(index) + "/" + std::to_string(count));
  }
  return parts;
}

/// What must be equal in all parts of one batch.
json common(const json& record) {
  json same;
  for (const char* key : {"command", "options", "identifiers", "pseudonym_key", "record_file"}) {
    same[key] = record.value(key, json());
  }
  const json none = json::object();
  same["version"] = record.value("versions", none).value("spine", "");
  same["weights"] = record.value("weights", json());
  for (const char* key : {"studies", "listing_sha256"}) {
    same["inputs"][key] = record.value("inputs", none).value(key, json());
  }
  return same;
}

void check(const fs::path& output, const std::vector<Part>& parts) {
  const json first = common(parts.front().record);
  for (const Part& part : parts) {
    const fs::path file = RunFiles(output, part.shard).record;
    const json own = common(part.record);
    for (const auto& [key, value] : first.items()) {
      if (own.at(key) == value) continue;
      refuse(file, "expected the " + key + " of the other shards, got others: " +
                       option_differences({value, "there"}, {own.at(key), "here"}));
    }
    const json counts = part.record.value("counts", json::object());
    if (part.record.value("interrupted", true) || counts.value("not_reached", 1) > 0) {
      refuse(file, "expected a complete run, got an interrupted one; run it again");
    }
    if (part.rows.size() < counts.value("studies", std::size_t{0})) {
      refuse(file, "expected " + counts.value("studies", json()).dump() +
                       " rows in its table, got " + std::to_string(part.rows.size()));
    }
  }
}

/// The rows of all parts in the order of the studies: the k-th of shard i is the (k N + i)-th.
std::vector<ReportRow> joined_rows(const fs::path& output, std::vector<Part>& parts) {
  const auto total = parts.front().record.at("inputs").at("studies").get<std::size_t>();
  std::vector<ReportRow> rows;
  std::set<std::string> names;
  for (std::size_t i = 0; i < total; ++i) {
    Part& part = parts[i % parts.size()];
    const std::size_t k = i / parts.size();
    if (k >= part.record.at("counts").at("studies").get<std::size_t>()) {
      refuse(RunFiles(output, part.shard).table,
             "expected row " + std::to_string(k + 1) + ", got fewer");
    }
    if (!names.insert(part.rows[k].study).second) {
      refuse(RunFiles(output, part.shard).table,
             "expected each study once, got " + part.rows[k].study + " twice");
    }
    rows.push_back(std::move(part.rows[k]));
  }
  return rows;
}

/// Adds numbers; objects key by key.
void add(json& sum, const json& more) {
  if (more.is_object()) {
    for (const auto& [key, value] : more.items()) add(sum[key], value);
  } else if (more.is_number_integer()) {
    sum = (sum.is_null() ? std::int64_t{0} : sum.get<std::int64_t>()) + more.get<std::int64_t>();
  } else if (more.is_number()) {
    sum = (sum.is_null() ? 0.0 : sum.get<double>()) + more.get<double>();
  }
}

json joined_record(const std::vector<Part>& parts) {
  json record = parts.front().record;
  for (const char* key : {"counts", "seconds_by_stage", "reasons", "seconds"}) record.erase(key);
  record["shard"] = {1, 1};
  record["merged_shards"] = parts.size();
  record["machine"] = json::array();
  std::string inputs;
  bool complete = true;
  for (const Part& part : parts) {
    for (const char* key : {"counts", "seconds_by_stage", "reasons", "seconds"}) {
      add(record[key], part.record.value(key, json()));
    }
    record["started"] = std::min(record["started"], part.record["started"]);
    record["finished"] = std::max(record["finished"], part.record["finished"]);
    const json machine = part.record.value("machine", json());
    if (std::find(record["machine"].begin(), record["machine"].end(), machine) ==
        record["machine"].end()) {
      record["machine"].push_back(machine);
    }
    inputs = joined_hashes(inputs, part.record.at("inputs").value("sha256", ""));
    complete = complete && part.record.value("complete", false);
  }
  record["inputs"]["sha256"] = inputs;
  record["complete"] = complete;
  return record;
}

ReportRow whole_row(const ReportRow& row, const fs::path& output, const std::string& record_file) {
  ReportRow result = with_values(row, output, record_file);
  if (is_success(row) && !is_success(result)) {
    refuse(output / row.study, result.error + "; run its shard again");
  }
  return result;
}

std::size_t merge_parts(const fs::path& output) {
  std::vector<Part> parts = read_parts(output);
  check(output, parts);
  json record = joined_record(parts);
  const std::vector<ReportRow> rows = joined_rows(output, parts);
  const std::string record_file = record.value("record_file", "measurements.json");
  const RunFiles files(output, {});
  CohortSummary summary;
  write_tables(
      files,
      [&](const auto& use) {
        for (const auto& row : rows) use(whole_row(row, output, record_file));
      },
      summary);
  record["tables_sha256"] = table_hashes(files);
  write_json(files.record, record);
  return rows.size();
}

}  // namespace

std::size_t merge_shards(const LockRequest& request) {
  const fs::path& output = request.output;
  try {
    if (shards_in(output).empty()) read_parts(output);  // reports what is missing
    const RunLock lock = RunLock::acquire(request);
    return merge_parts(output);
  } catch (const json::exception&) {
    throw Error(ErrorKind::usage,
                "merge: " + output.string() +
                    ": expected run records of spine commands, got a record of unknown origin");
  }
}

}  // namespace spine::batch
