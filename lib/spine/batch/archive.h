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

struct ArchiveOptions {
  SelectionOptions selection;  ///< of DICOM files found in folders; those named are always taken
  bool keep_identifiers = false;
  std::filesystem::path key_file;  ///< of the study key; empty: PseudonymKey::default_file()
  DisplayNames names = {};         ///< of the inputs
};

/// Reads the headers of all DICOM files among the studies and acts on them:
///
/// - Names. Without identifiers a DICOM film is called by its key and nothing else of it is shown;
///   other films keep their own names, without their folders: of several that are called alike each
///   gets a part of the key of its place. Studies of a manifest show their id. An input that is no
///   film and holds none is called as `names` says.
/// - Selection. Files that are no lateral films of the lumbar spine by their tags become studies
///   with an `error` of kind excluded.
/// - Duplicates. Of several files with one SOP Instance UID the first is taken, the others are
///   excluded.
///
/// @param inputs    the folders and files as named; a key of a file without UIDs follows from its
///                  place below them
/// @param manifest  how many studies, at the beginning, have their id from a manifest
/// @returns the key, where one was needed; to be kept, where it is new
/// @throws Error(usage) as PseudonymKey::existing_or_new does
std::optional<PseudonymKey> look_at_headers(std::vector<Study>& studies,
                                            const std::vector<std::filesystem::path>& inputs,
                                            std::size_t manifest, const ArchiveOptions& options);

/// The same rules of names for masks and landmarks; of keys only those of places.
std::optional<PseudonymKey> name_masks(std::vector<Study>& studies,
                                       const std::vector<std::filesystem::path>& inputs,
                                       std::size_t manifest, const ArchiveOptions& options);

/// Lets a study be called by `name` wherever its path would be written.
void set_display_name(Study& study, const std::string& name);

/// A file's place: its path below the input that holds it.
std::string place_below(const std::filesystem::path& file,
                        const std::vector<std::filesystem::path>& inputs);

}  // namespace spine::batch
