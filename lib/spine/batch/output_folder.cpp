#include "spine/batch/output_folder.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include <unistd.h>

#include "spine/batch/damage.h"
#include "spine/core/error.h"
#include "spine/io/landmarks_io.h"
#include "spine/util/disk.h"
#include "spine/util/folder.h"
#include "spine/util/json.h"

namespace spine::batch {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::string_view kProbe = ".probe-";

Error output_error(const fs::path& file, const std::string& expected, const std::string& actual) {
  return {ErrorKind::output,
          "output: " + file.string() + ": expected " + expected + ", got: " + actual};
}

std::string string_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// The record in a study's folder.
struct RecordFile {
  json content;          ///< null where there is none that can be read
  bool cut_off = false;  ///< one of this project's, by what is left of it
};

RecordFile read_record(const fs::path& file) {
  std::error_code ignored;
  if (!fs::is_regular_file(file, ignored)) return {};
  try {
    return {read_json(file), false};
  } catch (const Error&) {
    return {{}, is_cut_off_json_file(file)};  // else treated as a foreign file
  }
}

/// Complete results, unless a file that the record lists is missing or empty, as none of this
/// project's is.
EarlierResults complete(const fs::path& folder, json record) {
  for (const auto& name : files_of_record(record)) {
    std::error_code error;
    const auto size = fs::file_size(folder / name, error);
    if (error) return {};
    if (size == 0) return {std::nullopt, name};
  }
  return {std::move(record)};
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

EarlierResults OutputFolder::finished(const std::string& study,
                                      const Fingerprint& fingerprint) const {
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
    throw Error(ErrorKind::output, "write " + (folder / name).string() +
                                       ": expected no such file or --force, got " +
                                       difference(fingerprint, recorded ? before : std::nullopt));
  }
  return {};
}

StagedStudy OutputFolder::stage(const std::string& study) const {
  return {staging_folder(root_, run_, study), root_ / study, files_};
}

}  // namespace spine::batch
