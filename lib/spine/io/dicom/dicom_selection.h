#pragma once
#include <optional>
#include <string>
#include <vector>

#include "spine/io/dicom/dicom_header.h"

namespace spine {

/// Which files of an archive are taken for lateral films of the lumbar spine, by their tags.
struct SelectionOptions {
  bool by_tags = true;  ///< false: every picture is tried, whatever its tags say
  /// Taken alone are files whose value is one of these (upper case); empty: what is likely to be
  /// such a film, files that do not say it included.
  std::vector<std::string> modalities, body_parts, views;
};

/// Why a file is left out, in words that hold nothing of the file but codes of the standard;
/// nullopt when it is taken. A file is left out only for what its tags say for certain (a CT, an AP
/// view, a hand); where they are silent the picture decides later.
std::optional<std::string> why_excluded(const DicomHeader& header, const SelectionOptions& options);

/// A value of a coded tag for a message: itself when it is one that PS3.3 or PS3.16 defines for
/// modalities, body parts, views or kinds of pixels, else "another one", since any tag may hold a
/// name.
std::string display_code(const std::string& value);

/// The name that the standard gives to a SOP class, or "a class of its own".
std::string display_class(const std::string& sop_class);

/// Whether a modality and SOP class are such as hold projection radiographs or screen captures.
bool may_be_radiograph(const std::string& modality, const std::string& sop_class);

}  // namespace spine
