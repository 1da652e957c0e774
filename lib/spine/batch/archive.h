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

/// How the DICOM files of an archive are selected and displayed.
struct ArchiveOptions {
  /// For DICOM files found in folders; files named explicitly are always included.
  SelectionOptions selection;
  bool keep_identifiers = false;   ///< display paths and names as they are
  std::filesystem::path key_file;  ///< pseudonymisation key; empty: PseudonymKey::default_file()
  DisplayNames names = {};         ///< of the inputs
};

/// Reads the headers of all DICOM files among the studies and applies three rules:
///
/// - Names. Without identifiers a DICOM film is displayed by its pseudonym only; other films keep
///   their file names, without their folders, and of several with the same name each gets a part of
///   the pseudonym of its place. Studies of a manifest show their id. An input that is not a film
///   and contains none is displayed as `names` says.
/// - Selection. Files that by their tags are not lateral films of the lumbar spine become studies
///   with an `error` of kind excluded.
/// - Duplicates. Of several files with the same SOP Instance UID the first is kept, the others are
///   excluded.
///
/// @param inputs    the files and folders as given; the pseudonym of a file without UIDs is derived
///                  from its place below them
/// @param manifest  number of studies, at the beginning, whose ids come from a manifest
/// @returns the key, if one was needed; a new one must be saved by the caller
/// @throws Error(usage) as PseudonymKey::existing_or_new
std::optional<PseudonymKey> apply_dicom_headers(std::vector<Study>& studies,
                                                const std::vector<std::filesystem::path>& inputs,
                                                std::size_t manifest,
                                                const ArchiveOptions& options);

/// Applies the naming rules of apply_dicom_headers() to masks and landmarks; pseudonyms are derived
/// from places only.
/// @throws Error(usage) as PseudonymKey::existing_or_new
std::optional<PseudonymKey> name_masks(std::vector<Study>& studies,
                                       const std::vector<std::filesystem::path>& inputs,
                                       std::size_t manifest, const ArchiveOptions& options);

/// Displays a study as `name` wherever its path would be written.
void set_display_name(Study& study, const std::string& name);

/// The place of a file: its path relative to the nearest input that contains it.
std::string place_below(const std::filesystem::path& file,
                        const std::vector<std::filesystem::path>& inputs);

}  // namespace spine::batch
