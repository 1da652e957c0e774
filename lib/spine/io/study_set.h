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
  std::optional<Spacing> spacing;
  std::optional<Side> anterior;
  std::string error;  ///< not empty: known to fail before it is opened (missing file, doubled id)
  ErrorKind error_kind = ErrorKind::usage;  ///< of `error`
};

enum class StudyKind { films, masks };

struct DiscoverOptions {
  bool recursive = false;
  StudyKind kind = StudyKind::films;
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
/// that is reached twice is one study.
std::vector<Study> discover(const std::vector<std::filesystem::path>& inputs,
                            const DiscoverOptions& options = {});

/// studies.csv: study_id,path[,spacing_mm][,anterior]; paths relative to the CSV's folder. Rows
/// that are wrong become studies with `error` set; a doubled id is an error on the second.
/// @throws Error(usage) for the file itself or its header.
std::vector<Study> read_manifest(const std::filesystem::path& csv);

}  // namespace spine
