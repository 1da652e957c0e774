#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "spine/io/study_set.h"

namespace spine::batch {

/// A part of a batch: every `count`-th study, beginning with the `index`-th (from 1).
struct Shard {
  int index = 1;
  int count = 1;
  /// Parses "I/N". @throws Error(usage) unless 1 <= I <= N.
  static Shard parse(const std::string& text);
  friend bool operator==(const Shard&, const Shard&) = default;
};

struct InputOptions {
  std::vector<std::filesystem::path> inputs;      ///< files and folders
  std::optional<std::filesystem::path> manifest;  ///< studies.csv
  bool recursive = false;
  StudyKind kind = StudyKind::films;
  std::optional<Spacing> spacing;  ///< for every study, before the manifest's
  std::optional<Side> anterior;    ///< for every study, before the manifest's
  Shard shard;
  std::filesystem::path output;  ///< results in here are not taken for films
};

/// All studies of a run, in the order of the tables, each with an id of its own. An input that does
/// not exist, holds nothing or cannot be read and an id that is already taken or cannot name a
/// folder become studies whose `error` is set.
/// @throws Error(not_found | unreadable) when there is no study at all, Error(usage) when nothing
/// was named or the manifest is off.
std::vector<Study> collect_studies(const InputOptions& options);

}  // namespace spine::batch
