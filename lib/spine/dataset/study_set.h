#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "spine/core/error.h"
#include "spine/core/image.h"
#include "spine/core/structure.h"

namespace spine {

/// An input to be processed.
struct Study {
  std::string id;              ///< unique in its set, safe as a folder name
  std::filesystem::path path;  ///< film, masks or landmarks file (or a folder of per-class masks)
  std::string shown;           ///< form of `path` for output, free of identifiers
  std::optional<Spacing> spacing;
  std::optional<Side> anterior;
  std::string error;  ///< not empty: known to fail before it is opened (missing file, duplicate id)
  ErrorKind error_kind = ErrorKind::usage;  ///< of `error`
  bool named = false;                       ///< given by the user, not found in a folder
  std::optional<int> frame = {};            ///< of a multi-frame file, from 1
};

/// In the folder of a study: the landmarks of a reader, as `spine-review --export` writes them.
constexpr const char* kReviewedLandmarks = "landmarks_reviewed.json";

/// What to search for.
enum class StudyKind { films, masks };

/// A file or folder that was skipped, with the reason.
struct SkippedFiles {
  std::filesystem::path path;
  std::string reason;
};

/// Options of discover().
struct DiscoverOptions {
  bool recursive = false;
  StudyKind kind = StudyKind::films;
  /// Receives files in folders that are not recognised, and links to folders that are not followed.
  std::vector<SkippedFiles>* skipped = nullptr;
};

/// Finds studies in files and folders; sorted by path, deterministic.
///
/// A study's id is the file's stem; if stems collide, the path relative to its root with '/' as
/// "__" (with the extension, the root's name and finally a number if needed). The last number of a
/// DICOM UID is not an extension. For masks, a folder that holds masks.tif, landmarks.json or
/// per-class PNGs is a study named after the folder, given itself or directly below an input; for
/// films likewise one that holds restored.png and restoration.json.
///
/// In folders, every file that resembles a film (or masks) by content or name is a study, so that a
/// corrupt one fails later with a row; other files are skipped, as are hidden files and images
/// written by this project. Inputs given individually are never skipped. An input that does not
/// exist or is empty, and a folder that cannot be read, are studies with `error` set. A file that
/// is reached twice is one study. A recursive search follows each link to a folder once, after
/// everything that is not a link, except links to a folder that contains the link or was already
/// searched.
std::vector<Study> discover(const std::vector<std::filesystem::path>& inputs,
                            const DiscoverOptions& options = {});

/// Id of a single file: its name without extension and folders; for masks.tif, labels.png,
/// landmarks.json, landmarks_reviewed.json and restored.png, the name of the folder.
std::string own_name(const std::filesystem::path& file);

/// Reads studies.csv: study_id,path[,spacing_mm][,anterior]; paths are relative to the CSV's
/// folder. Invalid rows become studies with `error` set; a duplicate id is an error of the later
/// row.
/// @throws Error(usage) for an invalid file or header
std::vector<Study> read_manifest(const std::filesystem::path& csv);

}  // namespace spine
