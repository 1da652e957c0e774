#pragma once
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spine/review/cohort.h"

namespace spine::review {

/// The films that were dropped on the page: OUT/films/film_0001, film_0002, ... The names are the
/// server's own, without an extension, as films are told apart by content. Folder and files are
/// private, and the films are as they were given, identifiers included. Copies share the folder.
/// Thread-safe.
class DroppedFilms {
 public:
  /// @param output  OUT
  explicit DroppedFilms(const std::filesystem::path& output);

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  /// Creates the folder (0700) and removes what a killed server left of uploads.
  /// @throws Error(output)
  void prepare() const;
  /// Keeps an uploaded file, which must lie in the folder, under a new id.
  /// @param cohort  whose ids are taken
  /// @throws Error(output)
  [[nodiscard]] std::string keep(const std::filesystem::path& upload, const Cohort& cohort) const;
  /// The id of a film with the same content; nullopt if there is none.
  /// @throws Error(unreadable)
  [[nodiscard]] std::optional<std::string> find_same(const std::filesystem::path& upload) const;
  /// The ids of all films, sorted.
  [[nodiscard]] std::vector<std::string> ids() const;
  /// The film of this id; nullopt if there is none, or for an id that is none of this folder.
  [[nodiscard]] std::optional<std::filesystem::path> file_of(std::string_view id) const;
  /// Writes a manifest of some films for spine-pipeline. @throws Error(output)
  [[nodiscard]] std::filesystem::path write_manifest(const std::vector<std::string>& ids) const;

 private:
  std::filesystem::path output_, folder_;
  std::shared_ptr<std::mutex> naming_ = std::make_shared<std::mutex>();
};

}  // namespace spine::review
