#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "spine/core/error.h"
#include "spine/core/image.h"
#include "spine/core/structure.h"

namespace spine {

/// One input to be worked on.
struct Study {
  std::string id;              ///< unique in its set, safe as a folder name
  std::filesystem::path path;  ///< film, masks or landmarks file (or a folder of per-class masks)
  std::string shown;           ///< what is written of `path`: all of it may hold a patient's name
  std::optional<Spacing> spacing;
  std::optional<Side> anterior;
  std::string error;  ///< not empty: known to fail before it is opened (missing file, doubled id)
  ErrorKind error_kind = ErrorKind::usage;  ///< of `error`
  bool named = false;                       ///< by the user, one by one, and not found in a folder
  std::optional<int> frame = {};            ///< of several, counted from 1
};

enum class StudyKind { films, masks };

/// What is in a folder and is no study.
struct SkippedFiles {
  std::filesystem::path path;
  std::string reason;
};

struct DiscoverOptions {
  bool recursive = false;
  StudyKind kind = StudyKind::films;
  /// Gets the files in folders that look like nothing that is read, and links to folders that are
  /// not followed.
  std::vector<SkippedFiles>* skipped = nullptr;
};

/// Files and folders to studies, sorted by path, deterministic. A study's id is the file's stem;
/// where stems collide the path relative to its root with '/' as "__" (with the extension, the
/// root's name and at last a number where that is not enough). The last number of a DICOM UID is no
/// extension and stays. For masks a folder that holds masks.tif, landmarks.json or per-class PNGs
/// is a study named after the folder, given itself or directly below an input; for films likewise
/// one that holds restored.png and restoration.json.
///
/// In folders all that looks like a film (or masks) by its content or by its name is a study, so
/// that a broken one fails later, with a row; other files are skipped, as are hidden files and
/// pictures that this project writes. What is named one by one is always kept. An input that does
/// not exist or holds nothing and a folder that cannot be read are studies with `error` set. A file
/// that is reached twice is one study. A recursive search follows a link to a folder, once, after
/// all that is no link, and not to a folder that holds the link itself or was searched already.
std::vector<Study> discover(const std::vector<std::filesystem::path>& inputs,
                            const DiscoverOptions& options = {});

/// A file's own name as an id: without extension and folders; of masks.tif, labels.png,
/// landmarks.json and restored.png, which are called alike everywhere, that of their folder.
std::string own_name(const std::filesystem::path& file);

/// studies.csv: study_id,path[,spacing_mm][,anterior]; paths relative to the CSV's folder. Rows
/// that are wrong become studies with `error` set; a doubled id is an error on the second.
/// @throws Error(usage) for the file itself or its header.
std::vector<Study> read_manifest(const std::filesystem::path& csv);

}  // namespace spine
