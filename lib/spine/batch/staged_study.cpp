#include "spine/batch/staged_study.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "spine/core/error.h"
#include "spine/util/atomic_file.h"
#include "spine/util/disk.h"
#include "spine/util/failpoint.h"
#include "spine/util/folder.h"
#include "spine/util/json.h"
#include "spine/util/sha256.h"

namespace spine::batch {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::string_view kPartial = ".partial-";
constexpr std::size_t kRunDigits = 16;  ///< of random_name()
/// The journal of moves, in a staging folder. No file of a study is hidden.
constexpr const char* kJournal = ".journal.json";

Error write_error(const fs::path& file, const std::string& expected, const std::string& actual) {
  return {ErrorKind::output,
          "write " + file.string() + ": expected " + expected + ", got: " + actual};
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// null if there is none that can be read.
json json_in(const fs::path& file) {
  std::error_code ignored;
  if (!fs::is_regular_file(file, ignored)) return {};
  try {
    return read_json(file);
  } catch (const Error&) {
    return {};
  }
}

void make_study_folder(const fs::path& folder) {
  try {
    make_folders(folder);
  } catch (const Error& error) {
    throw write_error(folder, "to make this folder", error.what());
  }
}

/// Executes the remaining moves of a journal. Each file is in one of the folders.
void follow(const json& journal, const fs::path& staging, const fs::path& destination) {
  std::error_code error;
  for (const auto& name : journal.at("remove")) {
    remove_quietly(destination / name.get<std::string>());
  }
  for (const auto& entry : journal.at("files")) {
    const auto name = entry.at("name").get<std::string>();
    if (!fs::exists(staging / name, error)) continue;  // moved already
    move_file(staging / name, destination / name);
  }
  sync_folder(destination);
}

/// A complete journal; null otherwise, as nothing was moved yet.
json sound_journal(const fs::path& staging) {
  json journal = json_in(staging / kJournal);
  const bool sound = journal.is_object() && journal.value("schema", json()) == "spine-commit/1" &&
                     journal.value("files", json()).is_array() &&
                     journal.value("remove", json()).is_array();
  return sound ? journal : json();
}

/// Whether each file exists in one of the folders with the hash in the journal.
bool all_there(const json& journal, const fs::path& staging, const fs::path& destination) {
  const auto is_as_written = [](const fs::path& file, const json& hash) {
    std::error_code ignored;
    return fs::is_regular_file(file, ignored) && json(sha256_of_file(file)) == hash;
  };
  const json& files = journal.at("files");
  return std::all_of(files.begin(), files.end(), [&](const json& entry) {
    const auto name = entry.at("name").get<std::string>();
    std::error_code ignored;
    const bool waits = fs::exists(staging / name, ignored);
    return is_as_written((waits ? staging : destination) / name, entry.at("sha256"));
  });
}

/// The parts of the name of a staging folder.
struct StagingName {
  std::string run;    ///< empty: written by a version before runs had names
  std::string study;  ///< empty: not a staging folder
};

StagingName parse_name(const std::string& name) {
  if (!name.starts_with(kPartial)) return {};
  const std::string rest = name.substr(kPartial.size());
  const bool of_run = rest.size() > kRunDigits + 1 && rest[kRunDigits] == '-' &&
                      rest.find_first_not_of("0123456789abcdef") == kRunDigits;
  if (!of_run) return {"", rest};
  return {rest.substr(0, kRunDigits), rest.substr(kRunDigits + 1)};
}

/// Removes files that are not listed in a record.
void remove_strays(const fs::path& staging, const std::vector<std::string>& names) {
  for (const auto& entry : list_folder(staging).entries) {
    if (!contains(names, entry.filename().string())) remove_quietly(entry);
  }
}

/// Removes the journal first: without it the folder is ignored.
void remove_staging(const fs::path& staging) {
  remove_quietly(staging / kJournal);
  remove_quietly(staging);
}

}  // namespace

fs::path staging_folder(const fs::path& output, const std::string& run, const std::string& study) {
  return output / (std::string(kPartial) + run + "-" + study);
}

json hashes_of(const fs::path& folder, const std::vector<std::string>& names) {
  json hashes = json::object();
  for (const auto& name : names) {
    if (fs::exists(folder / name)) hashes[name] = sha256_of_file(folder / name);
  }
  return hashes;
}

json sizes_of(const fs::path& folder, const std::vector<std::string>& names) {
  json sizes = json::object();
  for (const auto& name : names) {
    if (fs::exists(folder / name)) sizes[name] = fs::file_size(folder / name);
  }
  return sizes;
}

std::vector<std::string> files_of_record(const json& record) {
  std::vector<std::string> names;
  if (!record.is_object()) return names;
  const auto provenance = record.find("provenance");
  if (provenance == record.end() || !provenance->is_object()) return names;
  const auto files = provenance->find("files");
  if (files == provenance->end() || !files->is_object()) return names;
  for (const auto& [name, hash] : files->items()) names.push_back(name);
  return names;
}

StagedStudy::StagedStudy(fs::path staging, fs::path destination, StudyFiles files)
    : staging_(std::move(staging)), destination_(std::move(destination)), files_(std::move(files)) {
  std::error_code error;
  failpoint::pass("stage");
  fs::create_directories(staging_.parent_path(), error);
  if (!error) fs::create_directory(staging_, error);
  if (error) throw write_error(staging_, "to make this folder", error.message());
  failpoint::made(staging_);
  failpoint::pass("staged");
}

StagedStudy::~StagedStudy() {
  // The next run resumes a commit that could not be completed.
  std::error_code ignored;
  if (!fs::exists(staging_ / kJournal, ignored)) remove_quietly(staging_);
}

void StagedStudy::commit() {
  std::vector<std::string> names = files_of_record(json_in(staging_ / files_.record));
  for (const auto& name : files_.others) {
    if (!contains(names, name) && fs::exists(staging_ / name)) names.push_back(name);
  }
  names.push_back(files_.record);
  json journal{{"schema", "spine-commit/1"}, {"files", json::array()}, {"remove", json::array()}};
  // After a power failure a record must not exist without its files.
  for (const auto& name : names) {
    if (!fs::is_regular_file(staging_ / name)) {
      throw write_error(destination_ / name, "the file that this run made", "none");
    }
    sync_file(staging_ / name);
  }
  std::error_code error;
  if (!fs::exists(fs::symlink_status(destination_, error))) {
    remove_strays(staging_, names);
    sync_folder(staging_);
    move_file(staging_, destination_);
    return sync_folder(destination_.parent_path());
  }

  make_study_folder(destination_);
  for (const auto& name : names) {
    journal["files"].push_back({{"name", name}, {"sha256", sha256_of_file(staging_ / name)}});
  }
  // Files of an earlier run that this run does not write would be outdated.
  for (const auto& name : files_of_record(json_in(destination_ / files_.record))) {
    const bool own = contains(files_.others, name) || contains(files_.others_before, name);
    if (own && !contains(names, name)) journal["remove"].push_back(name);
  }
  sync_folder(staging_.parent_path());  // so that an existing journal is found
  write_json(staging_ / kJournal, journal);
  follow(journal, staging_, destination_);
  remove_staging(staging_);
}

Recovered recover_staged(const fs::path& output,
                         const std::function<bool(const std::string&)>& is_own,
                         const std::set<std::string>& active_runs) {
  std::vector<fs::path> left;
  for (const auto& entry : list_folder(output).entries) {
    const StagingName name = parse_name(entry.filename().string());
    const bool ended = active_runs.count(name.run) == 0;
    if (!name.study.empty() && ended && is_own(name.study)) left.push_back(entry);
  }
  Recovered recovered;
  for (const auto& staging : left) {
    const std::string study = parse_name(staging.filename().string()).study;
    const json journal = sound_journal(staging);
    failpoint::pass("recover");
    try {
      if (!journal.is_null() && all_there(journal, staging, output / study)) {
        follow(journal, staging, output / study);
        recovered.completed.push_back(study);
      }
      remove_staging(staging);
    } catch (const Error& failure) {
      recovered.failed[study] = failure.what();
    }
    failpoint::pass("recovered");
  }
  return recovered;
}

}  // namespace spine::batch
