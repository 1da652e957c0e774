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
/// where stems collide the path relative to its root with '/' as "__". For masks a folder holding
/// masks.tif or landmarks.json is a study named after the folder. Files that do not look like films
/// are skipped in folders, but kept (and fail later, with a row) when named one by one.
/// @throws Error(not_found) when an input does not exist.
std::vector<Study> discover(const std::vector<std::filesystem::path>& inputs,
                            const DiscoverOptions& options = {});

/// studies.csv: study_id,path[,spacing_mm][,anterior]; paths relative to the CSV's folder. Rows
/// that are wrong become studies with `error` set; a doubled id is an error on the second.
/// @throws Error(not_found | unreadable) for the file itself or its header.
std::vector<Study> read_manifest(const std::filesystem::path& csv);

}  // namespace spine
