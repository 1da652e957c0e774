#include "spine/batch/output_folder.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <system_error>
#include <utility>

#include <unistd.h>

#include "spine/batch/damage.h"
#include "spine/batch/option_differences.h"
#include "spine/core/error.h"
#include "spine/io/landmarks_io.h"
#include "spine/io/readable.h"
#include "spine/util/disk.h"
#include "spine/util/folder.h"
#include "spine/util/json.h"
#include "spine/util/sha256.h"

namespace spine::batch {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::string_view kProbe = ".probe-";

Error output_error(const fs::path& file, const std::string& expected, const std::string& actual) {
  return {ErrorKind::output,
          "output: " + file.string() + ": expected " + expected + ", got: " + actual};
}

/// The record in a study's folder.
struct RecordFile {
  json content;          ///< null if there is none that can be read
  bool cut_off = false;  ///< truncated record of this toolkit
};

RecordFile read_record(const fs::path& file) {
  std::error_code ignored;
  if (!fs::is_regular_file(file, ignored)) return {};
  try {
    return {read_json(file), false};
  } catch (const Error&) {
    return {{}, is_cut_off_json_file(file)};  // otherwise treated as a foreign file
  }
}

/// An object in the provenance of a record; empty if absent.
json provenance_object(const json& record, const char* key) {
  if (!record.is_object()) return json::object();
  const auto provenance = record.find("provenance");
  if (provenance == record.end() || !provenance->is_object()) return json::object();
  const auto found = provenance->find(key);
  return found != provenance->end() && found->is_object() ? *found : json::object();
}

enum class FileState { there, missing, cut_off };

/// @param recorded  the size in the record; any other value if it has none
FileState state_of(const fs::path& file, const json& recorded) {
  std::error_code error;
  const auto size = fs::file_size(file, error);
  if (error) return FileState::missing;
  if (size == 0) return FileState::cut_off;  // files of this toolkit are never empty
  const bool same = !recorded.is_number_unsigned() || recorded.get<std::uint64_t>() == size;
  return same || can_be_read(file) ? FileState::there : FileState::cut_off;
}

/// Recomputing a study replaces all of its files: throws if that would lose edits.
/// @param why  "overlay.png is missing"
void require_unchanged(const fs::path& folder, const json& record, const std::string& why) {
  const json hashes = provenance_object(record, "files");
  for (const auto& [name, hash] : hashes.items()) {
    const fs::path file = folder / name;
    if (state_of(file, json()) != FileState::there || !can_be_read(file)) continue;
    if (json(sha256_of_file(file)) == hash) continue;
    throw Error(ErrorKind::output, "write " + file.string() + ": " + why +
                                       " and the study must be recomputed: expected the file "
                                       "as its run wrote it, got one that was changed since; move "
                                       "it elsewhere to keep it");
  }
}

/// The record of complete results; nullopt if a listed file is missing or truncated.
EarlierResults complete(const fs::path& folder, json record) {
  const json sizes = provenance_object(record, "file_sizes");
  for (const auto& name : files_of_record(record)) {
    const FileState state = state_of(folder / name, sizes.value(name, json()));
    if (state == FileState::there) continue;
    const bool missing = state == FileState::missing;
    require_unchanged(folder, record, name + (missing ? " is missing" : " was cut off"));
    return {std::nullopt, missing ? "" : name};
  }
  return {std::move(record)};
}

/// What differs; for options and weights with both values.
std::string difference(const Fingerprint& now, const json& provenance, const json& record) {
  const auto before = fingerprint_of_record(record);
  if (!before) return "a file of unknown origin";
  std::string what;
  const auto add = [&](bool differs, const char* name, const char* key) {
    if (!differs) return;
    what += (what.empty() ? "results of another " : " and ") + std::string(name);
    if (*key == '\0' || !provenance.contains(key)) return;
    const json earlier = provenance_object(record, key);
    const std::string details = option_differences({earlier, "before"}, {provenance[key], "now"});
    if (!details.empty()) what += " (" + details + ")";
  };
  add(now.input_sha256 != before->input_sha256, "input", "");
  add(now.options_sha256 != before->options_sha256, "set of options", "options");
  add(now.weights_sha256 != before->weights_sha256, "set of weights", "weights");
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
  return Fingerprint{text_at(*found, "input_sha256"), text_at(*found, "options_sha256"),
                     text_at(*found, "weights_sha256")};
}

OutputFolder::OutputFolder(fs::path root, StudyFiles files, bool force)
    : root_(std::move(root)), files_(std::move(files)), force_(force), run_(random_name()) {}

void OutputFolder::prepare() const {
  try {
    make_folders(root_);
  } catch (const Error& failure) {
    throw output_error(root_, "a folder that can be made", failure.what());
  }
  std::error_code error;
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

EarlierResults OutputFolder::finished(const std::string& study, const Fingerprint& fingerprint,
                                      const json& provenance) const {
  const fs::path folder = root_ / study;
  RecordFile record = read_record(folder / files_.record);
  const auto before = fingerprint_of_record(record.content);
  if (before == fingerprint) return complete(folder, std::move(record.content));
  if (record.cut_off) return {std::nullopt, files_.record};
  if (force_) return {};
  std::vector<std::string> names = files_.others;
  names.insert(names.begin(), files_.record);
  for (const auto& name : names) {
    if (!fs::exists(folder / name)) continue;
    const bool recorded = name == files_.record;
    throw Error(ErrorKind::output,
                "write " + (folder / name).string() + ": expected no such file or --force, got " +
                    difference(fingerprint, provenance, recorded ? record.content : json()));
  }
  return {};
}

StagedStudy OutputFolder::stage(const std::string& study) const {
  return {staging_folder(root_, run_, study), root_ / study, files_};
}

}  // namespace spine::batch
