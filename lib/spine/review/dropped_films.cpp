#include "spine/review/dropped_films.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>

#include <sys/stat.h>

#include "spine/batch/run_files.h"
#include "spine/core/error.h"
#include "spine/review/http_server.h"
#include "spine/util/atomic_file.h"
#include "spine/util/disk.h"
#include "spine/util/folder.h"
#include "spine/util/sha256.h"

namespace spine::review {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "film_";
constexpr const char* kManifest = ".waiting.csv";

/// The number in "film_0012"; nullopt for any other text.
std::optional<unsigned> number_of(std::string_view id) {
  if (!id.starts_with(kPrefix)) return std::nullopt;
  id.remove_prefix(kPrefix.size());
  unsigned number = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
  const bool whole = error == std::errc{} && end == id.data() + id.size();
  return whole && id.size() >= 4 ? std::optional(number) : std::nullopt;
}

std::string id_of(unsigned number) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "film_%04u", number);
  return text.data();
}

}  // namespace

DroppedFilms::DroppedFilms(const fs::path& output)
    : output_(output), folder_(output / batch::kDroppedFilms) {}

void DroppedFilms::prepare() const {
  if (mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST) {
    throw Error(ErrorKind::output,
                "review: " + folder_.string() +
                    ": expected to make this folder, got: " + std::strerror(errno));
  }
  for (const auto& entry : list_folder(folder_).entries) {
    if (entry.filename().string().starts_with(kUploadPrefix)) remove_quietly(entry);
  }
}

std::string DroppedFilms::keep(const fs::path& upload, const Cohort& cohort) const {
  const std::lock_guard lock(*naming_);
  unsigned last = 0;
  for (const auto& id : ids()) last = std::max(last, number_of(id).value_or(0));
  const auto studies = cohort.studies();
  for (const auto& study : *studies) last = std::max(last, number_of(study.id).value_or(0));
  std::string id = id_of(++last);
  std::error_code ignored;
  while (fs::exists(fs::symlink_status(output_ / id, ignored))) id = id_of(++last);
  sync_file(upload);
  move_file(upload, folder_ / id);
  sync_folder(folder_);
  return id;
}

std::optional<std::string> DroppedFilms::find_same(const fs::path& upload) const {
  std::string sha256;
  for (std::string& id : ids()) {
    const fs::path film = folder_ / id;
    if (fs::file_size(film) != fs::file_size(upload)) continue;
    if (sha256.empty()) sha256 = sha256_of_file(upload);
    if (sha256_of_file(film) == sha256) return std::move(id);
  }
  return std::nullopt;
}

std::vector<std::string> DroppedFilms::ids() const {
  std::vector<std::string> ids;
  for (const auto& entry : list_folder(folder_).entries) {
    std::string name = entry.filename().string();
    if (number_of(name)) ids.push_back(std::move(name));
  }
  return ids;
}

std::optional<fs::path> DroppedFilms::file_of(std::string_view id) const {
  if (!number_of(id)) return std::nullopt;
  fs::path file = folder_ / id;
  return is_file(file) ? std::optional(std::move(file)) : std::nullopt;
}

fs::path DroppedFilms::write_manifest(const std::vector<std::string>& ids) const {
  std::string text = "study_id,path\n";
  for (const auto& id : ids) text.append(id).append(",").append(id).append("\n");
  fs::path file = folder_ / kManifest;
  write_file_atomically(file, text);
  return file;
}

}  // namespace spine::review
