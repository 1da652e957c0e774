#include "spine/batch/output_folder.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include <unistd.h>

#include "spine/core/error.h"
#include "spine/core/folder.h"
#include "spine/core/sha256.h"
#include "spine/io/atomic_file.h"
#include "spine/io/landmarks_io.h"

namespace spine::batch {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::string_view kProbe = ".probe-";

Error output_error(const fs::path& file, const std::string& expected, const std::string& actual) {
  return {ErrorKind::output,
          "output: " + file.string() + ": expected " + expected + ", got: " + actual};
}

/// The same of a study, whose row says already that it is about output.
Error write_error(const fs::path& file, const std::string& expected, const std::string& actual) {
  return {ErrorKind::output,
          "write " + file.string() + ": expected " + expected + ", got: " + actual};
}

std::string string_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// The record in a study's folder, or null where there is none that can be read.
json read_record(const fs::path& file) {
  std::error_code ignored;
  if (!fs::is_regular_file(file, ignored)) return {};
  try {
    return read_json(file);
  } catch (const Error&) {
    return {};  // not ours or damaged: treated as a foreign file
  }
}

std::vector<std::string> files_of_record(const json& record) {
  std::vector<std::string> names;
  const auto provenance = record.find("provenance");
  if (provenance == record.end() || !provenance->is_object()) return names;
  const auto files = provenance->find("files");
  if (files == provenance->end() || !files->is_object()) return names;
  for (const auto& [name, hash] : files->items()) names.push_back(name);
  return names;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool all_exist(const fs::path& folder, const std::vector<std::string>& names) {
  return std::all_of(names.begin(), names.end(),
                     [&](const std::string& name) { return fs::exists(folder / name); });
}

std::string difference(const Fingerprint& now, const std::optional<Fingerprint>& before) {
  if (!before) return "a file of unknown origin";
  std::string what;
  const auto add = [&what](bool differs, const char* name) {
    if (differs) what += (what.empty() ? "results of another " : " and ") + std::string(name);
  };
  add(now.input_sha256 != before->input_sha256, "input");
  add(now.options_sha256 != before->options_sha256, "set of options");
  add(now.weights_sha256 != before->weights_sha256, "set of weights");
  return what;
}

}  // namespace

json to_json(const Fingerprint& fingerprint) {
  return {{"input_sha256", fingerprint.input_sha256},
          {"options_sha256", fingerprint.options_sha256},
          {"weights_sha256", fingerprint.weights_sha256}};
}

std::optional<Fingerprint> fingerprint_of_record(const json& record) {
  if (!record.is_object()) return std::nullopt;
  const auto provenance = record.find("provenance");
  if (provenance == record.end() || !provenance->is_object()) return std::nullopt;
  const auto found = provenance->find("fingerprint");
  if (found == provenance->end() || !found->is_object()) return std::nullopt;
  return Fingerprint{string_at(*found, "input_sha256"), string_at(*found, "options_sha256"),
                     string_at(*found, "weights_sha256")};
}

json hashes_of(const fs::path& folder, const std::vector<std::string>& names) {
  json hashes = json::object();
  for (const auto& name : names) {
    if (fs::exists(folder / name)) hashes[name] = sha256_of_file(folder / name);
  }
  return hashes;
}

StagedStudy::StagedStudy(fs::path staging, fs::path destination, StudyFiles files)
    : staging_(std::move(staging)), destination_(std::move(destination)), files_(std::move(files)) {
  std::error_code error;
  fs::remove_all(staging_, error);
  fs::create_directories(staging_, error);
  if (error) throw write_error(staging_, "to make this folder", error.message());
}

StagedStudy::~StagedStudy() {
  std::error_code ignored;
  fs::remove_all(staging_, ignored);
}

void StagedStudy::commit() {
  std::error_code error;
  fs::create_directories(destination_, error);
  if (error) throw write_error(destination_, "to make this folder", error.message());
  // What an earlier run of this command left and this one does not make would be out of date.
  for (const auto& name : files_of_record(read_record(destination_ / files_.record))) {
    const bool own = contains(files_.others, name) || contains(files_.others_before, name);
    if (own && !fs::exists(staging_ / name)) fs::remove(destination_ / name, error);
  }
  std::vector<std::string> names = files_.others;
  names.push_back(files_.record);
  std::erase_if(names, [&](const auto& name) { return !fs::exists(staging_ / name); });
  // A record that outlives a power failure must not stand for files that did not.
  for (const auto& name : names) flush_to_disk(staging_ / name);
  for (const auto& name : names) {
    fs::rename(staging_ / name, destination_ / name, error);
    if (error) throw write_error(destination_ / name, "to write this file", error.message());
  }
  flush_to_disk(destination_);
}

OutputFolder::OutputFolder(fs::path root, StudyFiles files, bool force)
    : root_(std::move(root)), files_(std::move(files)), force_(force) {}

void OutputFolder::prepare() const {
  std::error_code error;
  fs::create_directories(root_, error);
  if (!fs::is_directory(root_)) {
    throw output_error(root_, "a folder that can be made", error ? error.message() : "a file");
  }
  for (const auto& entry : list_folder(root_).entries) {
    if (entry.filename().string().starts_with(kProbe)) fs::remove(entry, error);
  }
  std::string probe = (root_ / (std::string(kProbe) + "XXXXXX")).string();
  const int descriptor = mkstemp(probe.data());
  if (descriptor < 0) throw output_error(root_, "a writable folder", std::strerror(errno));
  const bool written = write(descriptor, "probe\n", 6) == 6;
  const std::string reason = written ? "" : std::strerror(errno);
  close(descriptor);
  unlink(probe.c_str());
  if (!written) throw output_error(root_, "a writable folder", reason);
}

std::optional<json> OutputFolder::finished(const std::string& study,
                                           const Fingerprint& fingerprint) const {
  const fs::path folder = root_ / study;
  const json record = read_record(folder / files_.record);
  const auto before = fingerprint_of_record(record);
  if (before == fingerprint) {
    if (!all_exist(folder, files_of_record(record))) return std::nullopt;  // ours, but incomplete
    // A run may have been ended between its last renaming and its cleaning up.
    std::error_code ignored;
    fs::remove_all(staging_of(study), ignored);
    return record;
  }
  // A staging folder that is left over means that a run ended between two renames of its own files.
  if (force_ || fs::exists(staging_of(study))) return std::nullopt;
  std::vector<std::string> names = files_.others;
  names.insert(names.begin(), files_.record);
  for (const auto& name : names) {
    if (!fs::exists(folder / name)) continue;
    const bool recorded = name == files_.record;
    throw Error(ErrorKind::output, "write " + (folder / name).string() +
                                       ": expected no such file or --force, got " +
                                       difference(fingerprint, recorded ? before : std::nullopt));
  }
  return std::nullopt;
}

StagedStudy OutputFolder::stage(const std::string& study) const {
  return {staging_of(study), root_ / study, files_};
}

fs::path OutputFolder::staging_of(const std::string& study) const {
  return root_ / (".partial-" + study);
}

}  // namespace spine::batch
