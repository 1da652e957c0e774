#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "spine/dataset/pseudonym_key.h"
#include "spine/dataset/study_set.h"
#include "spine/io/dicom/dicom_selection.h"
#include "spine/util/display_names.h"

namespace spine::batch {

/// A part of a batch: every `count`-th study, starting with the `index`-th (1-based).
struct Shard {
  int index = 1;
  int count = 1;
  /// Parses "I/N". @throws Error(usage) unless 1 <= I <= N.
  static Shard parse(const std::string& text);
  friend bool operator==(const Shard&, const Shard&) = default;
};

/// Which studies a run processes.
struct InputOptions {
  std::vector<std::filesystem::path> inputs;      ///< files and folders
  std::optional<std::filesystem::path> manifest;  ///< studies.csv
  bool recursive = false;
  StudyKind kind = StudyKind::films;
  std::optional<Spacing> spacing;  ///< of every study; takes precedence over the manifest
  std::optional<Side> anterior;    ///< of every study; takes precedence over the manifest
  Shard shard;
  std::filesystem::path output;   ///< results in this folder are not inputs
  SelectionOptions selection;     ///< for DICOM files in folders
  std::optional<int> frame;       ///< of multi-frame films, 1-based
  bool keep_identifiers = false;  ///< write paths and names of DICOM files unchanged
  /// File of the pseudonymisation key; empty: PseudonymKey::default_file().
  std::filesystem::path pseudonym_key;
  DisplayNames names;  ///< applied to paths of the command line in all output
};

/// A file in an input folder that is not processed.
struct SkippedFile {
  std::string file;  ///< display name
  std::string reason;
};

/// The studies of a run.
struct StudyList {
  std::vector<Study> studies;
  std::size_t total = 0;       ///< number of studies over all shards
  std::string listing_sha256;  ///< hash of all their names, in order
  /// Pseudonymises names of DICOM films; save a new one (PseudonymKey::keep) before use.
  std::optional<PseudonymKey> key;
  /// Files in folders of no supported format, and links that are not followed.
  std::vector<SkippedFile> skipped;
  /// Wraps a list of studies made by the caller.
  StudyList(std::vector<Study> own = {});  // NOLINT(google-explicit-constructor)
};

/// Collects all studies of a run in the order of the tables, each with a unique id. An input that
/// does not exist, is empty or cannot be read, an id that is already used or cannot name a folder,
/// and an excluded DICOM file (archive.h) become studies whose `error` is set.
/// @throws Error(not_found | unreadable) if there is no study at all, Error(usage) if no input was
/// given or the manifest is invalid
StudyList collect_studies(const InputOptions& options);

}  // namespace spine::batch
