#include "spine/batch/archive.h"

#include <algorithm>
#include <map>
#include <set>

#include "spine/batch/failure.h"
#include "spine/io/dicom/dicom_io.h"
#include "spine/io/image_io.h"
#include "spine/util/processors.h"
#include "spine/util/text.h"
#include "spine/util/thread_group.h"

namespace spine::batch {
namespace {

namespace fs = std::filesystem;

/// What is known of a study before its film is read.
struct Known {
  bool dicom = false;
  std::optional<DicomHeader> header;  ///< nullopt: no DICOM, or broken
};

bool named_like_dicom(const fs::path& file) {
  const std::string extension = lower_case(file.extension().string());
  return extension == ".dcm" || extension == ".dicom" || extension == ".ima";
}

/// Never throws: an unreadable file is reported when it is processed.
Known read_header(const Study& study) {
  Known known;
  known.dicom = named_like_dicom(study.path);
  std::error_code ignored;
  if (!fs::is_regular_file(study.path, ignored)) return known;
  try {
    known.header = find_dicom_header(study.path);
    if (known.header) known.dicom = true;
  } catch (const std::exception&) {
    // A DICOM file whose header is unknown.
    known.dicom = true;
  }
  return known;
}

std::vector<Known> read_headers(const std::vector<Study>& studies) {
  std::vector<Known> known(studies.size());
  // Most of the time is spent waiting for a disk or a network.
  const int threads = std::clamp(usable_processors(), 2, 16);
  for_each_index(studies.size(), threads,
                 [&](std::size_t i) { known[i] = read_header(studies[i]); });
  return known;
}

void exclude(Study& study, const std::string& why) {
  study.error = "excluded: " + why;
  study.error_kind = ErrorKind::excluded;
}

void exclude_duplicates(std::vector<Study>& studies, const std::vector<Known>& known) {
  std::map<std::string, std::string> first;  // SOP Instance UID -> study
  for (std::size_t i = 0; i < studies.size(); ++i) {
    const bool tells = known[i].header && !known[i].header->sop_uid.empty();
    if (!tells || !studies[i].error.empty()) continue;
    const auto [other, is_new] = first.emplace(known[i].header->sop_uid, studies[i].id);
    if (!is_new) {
      exclude(studies[i], "a duplicate: its SOP Instance UID is that of study " + other->second);
    }
  }
}

bool is_input(const fs::path& path, const std::vector<fs::path>& inputs) {
  return std::any_of(inputs.begin(), inputs.end(), [&](const fs::path& input) {
    return input == path || (!input.has_filename() && input.parent_path() == path);
  });
}

/// A folder below the inputs becomes a study only if it cannot be read.
bool is_broken_folder(const Study& study, const std::vector<fs::path>& inputs) {
  return !study.named && !study.error.empty() && !is_input(study.path, inputs);
}

/// An input that is neither an image nor a folder with one study: it does not exist, cannot be
/// read, is empty, or is a file of another kind. A file with the extension of an image has a
/// display name of its own; anything else may be named after a patient.
bool is_lost_input(const Study& study, const std::vector<fs::path>& inputs) {
  static const std::set<std::string> kOfFiles{".png", ".jpg", ".jpeg",  ".tif", ".tiff",
                                              ".dcm", ".ima", ".dicom", ".json"};
  if (!is_input(study.path, inputs)) return false;
  if (kOfFiles.count(lower_case(study.path.extension().string())) > 0) return false;
  std::error_code ignored;
  return !study.error.empty() ||
         (!fs::is_directory(study.path, ignored) && !looks_like_film(study.path));
}

/// Chooses display names that do not identify a patient.
class Renaming {
 public:
  Renaming(const std::vector<fs::path>& inputs, const ArchiveOptions& options)
      : inputs_(inputs), options_(options) {}

  void by_key(Study& study, const std::optional<DicomHeader>& header) {
    const std::string place = place_below(study.path, inputs_);
    study.id = header ? key().of_film(*header, place) : key().of_place(place);
    set_display_name(study, study.id);
  }

  void as_input(Study& study) {
    study.id = options_.names.name_of(study.path).value_or("INPUT");
    set_display_name(study, study.id);
  }

  /// By the file name. If several files share it, folders were prepended; a part of the pseudonym
  /// of the place replaces them.
  void by_own_name(Study& study) {
    const std::string own = own_name(study.path);
    if (study.id != own && study.id != study.path.filename().string()) {
      study.id = own + "__" + key().of_place(place_below(study.path, inputs_)).substr(0, 8);
    }
    const std::string id = study.id;
    for (int i = 2; !taken_.insert(study.id).second; ++i) study.id = id + "_" + std::to_string(i);
  }

  [[nodiscard]] const std::optional<PseudonymKey>& used_key() const { return key_; }

 private:
  const PseudonymKey& key() {
    if (!key_) key_ = PseudonymKey::existing_or_new(options_.key_file);
    return *key_;
  }

  const std::vector<fs::path>& inputs_;
  const ArchiveOptions& options_;
  std::optional<PseudonymKey> key_;
  std::set<std::string> taken_;
};

std::optional<PseudonymKey> take_names(std::vector<Study>& studies, const std::vector<Known>& known,
                                       const std::vector<fs::path>& inputs, std::size_t manifest,
                                       const ArchiveOptions& options) {
  Renaming renaming(inputs, options);
  for (std::size_t i = 0; i < studies.size(); ++i) {
    Study& study = studies[i];
    if (i < manifest) {
      set_display_name(study, study.id);
    } else if (known[i].dicom || is_broken_folder(study, inputs)) {
      renaming.by_key(study, known[i].header);
    } else if (is_lost_input(study, inputs)) {
      renaming.as_input(study);
    } else {
      renaming.by_own_name(study);
      set_display_name(study, study.path.filename().string());
    }
  }
  return renaming.used_key();
}

}  // namespace

std::string place_below(const fs::path& file, const std::vector<fs::path>& inputs) {
  std::string place = file.filename().string();
  for (const auto& input : inputs) {
    const fs::path below = file.lexically_relative(input);
    const bool inside = !below.empty() && below != "." && *below.begin() != "..";
    if (inside && below.string().size() > place.size()) place = below.generic_string();
  }
  return place;
}

void set_display_name(Study& study, const std::string& name) {
  study.shown = name;
  study.error = without_path(study.error, study);
}

std::optional<PseudonymKey> name_masks(std::vector<Study>& studies,
                                       const std::vector<fs::path>& inputs, std::size_t manifest,
                                       const ArchiveOptions& options) {
  Renaming renaming(inputs, options);
  for (std::size_t i = 0; i < studies.size(); ++i) {
    Study& study = studies[i];
    if (i >= manifest && is_lost_input(study, inputs)) {
      renaming.as_input(study);
    } else {
      if (i >= manifest) renaming.by_own_name(study);
      set_display_name(study, study.id);
    }
  }
  return renaming.used_key();
}

std::optional<PseudonymKey> apply_dicom_headers(std::vector<Study>& studies,
                                                const std::vector<fs::path>& inputs,
                                                std::size_t manifest,
                                                const ArchiveOptions& options) {
  const std::vector<Known> known = read_headers(studies);
  std::optional<PseudonymKey> key;
  if (!options.keep_identifiers) key = take_names(studies, known, inputs, manifest, options);
  for (std::size_t i = 0; i < studies.size(); ++i) {
    if (!studies[i].error.empty() || !known[i].header || studies[i].named) continue;
    if (const auto why = why_excluded(*known[i].header, options.selection)) {
      exclude(studies[i], *why);
    }
  }
  exclude_duplicates(studies, known);
  return key;
}

}  // namespace spine::batch
