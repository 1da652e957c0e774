#pragma once
#include <optional>
#include <string>
#include <vector>

#include "spine/io/dicom/dicom_header.h"

namespace spine {

/// Which files of an archive are accepted as lateral films of the lumbar spine, by their tags.
struct SelectionOptions {
  bool by_tags = true;  ///< false: every image is tried, regardless of its tags
  /// Accepted values (upper case). If empty, all likely lateral lumbar films are accepted,
  /// including files without the tag.
  std::vector<std::string> modalities, body_parts, views;
};

/// Why a file is excluded, in terms that quote nothing of the file but codes of the standard;
/// nullopt if it is accepted. Files are excluded only for what their tags state with certainty (a
/// CT, an AP view, a hand); otherwise the image decides later.
std::optional<std::string> why_excluded(const DicomHeader& header, const SelectionOptions& options);

/// A coded value for messages: unchanged if PS3.3 or PS3.16 define it for modalities, body parts,
/// views or kinds of pixels, otherwise "a non-standard value", since any tag may hold a name.
std::string display_code(const std::string& value);

/// Standard name of a SOP class, otherwise "a private class".
std::string display_class(const std::string& sop_class);

/// Whether a modality and SOP class can hold projection radiographs or screen captures.
bool may_be_radiograph(const std::string& modality, const std::string& sop_class);

}  // namespace spine
