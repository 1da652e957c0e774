#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "spine/dataset/study_key.h"
#include "spine/dataset/study_set.h"
#include "spine/io/dicom/dicom_selection.h"
#include "spine/util/display_names.h"

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
  std::filesystem::path output;     ///< results in here are not taken for films
  SelectionOptions selection;       ///< of DICOM files in folders
  std::optional<int> frame;         ///< of films with several, from 1
  bool keep_identifiers = false;    ///< paths and names of DICOM files are written as they are
  std::filesystem::path study_key;  ///< file of the secret; empty: PseudonymKey::default_file()
  DisplayNames names;               ///< of the command line's paths in all that is told
};

/// What is in the folders of a run and is not worked on.
struct SkippedFile {
  std::string file;  ///< what may be shown of its path
  std::string reason;
};

/// What a run has to work on.
struct StudyList {
  std::vector<Study> studies;
  std::size_t total = 0;            ///< studies of all shards
  std::string listing_sha256;       ///< of the names of all of them, in their order
  std::optional<PseudonymKey> key;  ///< that names of DICOM files were made with; a new one is to
                                    ///< be kept (PseudonymKey::keep) before they are used
  /// Files in folders that look like nothing that is read, and links that are not followed.
  std::vector<SkippedFile> skipped;
  /// Studies of one's own making are a list too.
  StudyList(std::vector<Study> own = {});  // NOLINT(google-explicit-constructor)
};

/// All studies of a run, in the order of the tables, each with an id of its own. An input that does
/// not exist, holds nothing or cannot be read, an id that is already taken or cannot name a folder,
/// and DICOM files that are left out (archive.h) become studies whose `error` is set.
/// @throws Error(not_found | unreadable) when there is no study at all, Error(usage) when nothing
/// was named or the manifest is off.
StudyList collect_studies(const InputOptions& options);

}  // namespace spine::batch
