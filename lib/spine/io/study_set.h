#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "spine/core/image.h"
#include "spine/core/structure.h"

namespace spine {

/// One input to be worked on.
struct Study {
  std::string id;              ///< unique in its set, safe as a folder name
  std::filesystem::path path;  ///< film, masks or landmarks file (or a folder of per-class masks)
  std::optional<Spacing> spacing;
  std::optional<Side> anterior;
  std::string error;  ///< not empty: known to fail before it is opened (missing file, doubled id)
};

enum class StudyKind { films, masks };

struct DiscoverOptions {
  bool recursive = false;
  StudyKind kind = StudyKind::films;
};

/// Files and folders to studies, sorted by path, deterministic. A study's id is the file's stem;
/// where stems collide the path relative to its root with '/' as "__" (with the extension, the
/// root's name and at last a number where that is not enough). Only extensions of pictures are cut
/// off: a DICOM file may be named by its UID. For masks a folder that holds masks.tif,
/// landmarks.json or per-class PNGs is a study named after the folder, given itself or directly
/// below an input. Files that do not look like films (or masks) are skipped in folders, as are
/// hidden files and pictures that this project writes, but kept (and fail later, with a row) when
/// named one by one. A file that is reached twice is one study.
/// @throws Error(not_found) when an input does not exist.
std::vector<Study> discover(const std::vector<std::filesystem::path>& inputs,
                            const DiscoverOptions& options = {});

/// studies.csv: study_id,path[,spacing_mm][,anterior]; paths relative to the CSV's folder. Rows
/// that are wrong become studies with `error` set; a doubled id is an error on the second.
/// @throws Error(not_found | unreadable) for the file itself or its header.
std::vector<Study> read_manifest(const std::filesystem::path& csv);

}  // namespace spine
