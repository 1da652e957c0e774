#include "spine/batch/archive.h"

#include <algorithm>
#include <map>
#include <thread>

#include "spine/batch/failure.h"
#include "spine/core/text.h"
#include "spine/core/thread_group.h"
#include "spine/io/dicom_io.h"

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

/// Never throws: a file that cannot be read says why when its turn comes.
Known look_at(const Study& study) {
  Known known;
  known.dicom = named_like_dicom(study.path);
  std::error_code ignored;
  if (!fs::is_regular_file(study.path, ignored)) return known;
  try {
    known.header = find_dicom_header(study.path);
    if (known.header) known.dicom = true;
  } catch (const std::exception&) {
    // DICOM, of which the header stays unknown.
    known.dicom = true;
  }
  return known;
}

std::vector<Known> look_at_all(const std::vector<Study>& studies) {
  std::vector<Known> known(studies.size());
  // Most of the time goes into waiting for a disk or a network.
  const auto threads = static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 2U, 16U));
  for_each_index(studies.size(), threads, [&](std::size_t i) { known[i] = look_at(studies[i]); });
  return known;
}

void exclude(Study& study, const std::string& why) {
  study.error = "left out: " + why;
  study.error_kind = ErrorKind::excluded;
}

void exclude_duplicates(std::vector<Study>& studies, const std::vector<Known>& known) {
  std::map<std::string, std::string> first;  // of a SOP Instance UID: the study that has it
  for (std::size_t i = 0; i < studies.size(); ++i) {
    const bool tells = known[i].header && !known[i].header->sop_uid.empty();
    if (!tells || !studies[i].error.empty()) continue;
    const auto [other, is_new] = first.emplace(known[i].header->sop_uid, studies[i].id);
    if (!is_new) {
      exclude(studies[i], "a duplicate: its SOP Instance UID is that of study " + other->second);
    }
  }
}

/// A folder below the inputs is a study because it cannot be read.
bool is_broken_folder(const Study& study, const std::vector<fs::path>& inputs) {
  return !study.named && !study.error.empty() &&
         std::find(inputs.begin(), inputs.end(), study.path) == inputs.end();
}

StudyKey load_key(const ArchiveOptions& options) {
  if (!options.dry_run) return StudyKey::load(options.key_file);
  return StudyKey::existing(options.key_file).value_or(StudyKey::preliminary());
}

/// Calls studies by what tells nothing of a patient.
std::optional<StudyKey> take_names(std::vector<Study>& studies, const std::vector<Known>& known,
                                   const std::vector<fs::path>& inputs, std::size_t manifest,
                                   const ArchiveOptions& options) {
  std::optional<StudyKey> key;
  for (std::size_t i = 0; i < studies.size(); ++i) {
    Study& study = studies[i];
    if (i < manifest) {
      hide_path(study, study.id);
    } else if (known[i].dicom || is_broken_folder(study, inputs)) {
      if (!key) key = load_key(options);
      const std::string place = place_below(study.path, inputs);
      study.id = known[i].header ? key->of_film(*known[i].header, place) : key->of_place(place);
      hide_path(study, study.id);
    } else {
      hide_path(study, study.path.filename().string());
    }
  }
  return key;
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

void hide_path(Study& study, const std::string& name) {
  study.shown = name;
  study.error = without_path(study.error, study);
}

std::optional<StudyKey> look_at_headers(std::vector<Study>& studies,
                                        const std::vector<fs::path>& inputs, std::size_t manifest,
                                        const ArchiveOptions& options) {
  const std::vector<Known> known = look_at_all(studies);
  std::optional<StudyKey> key;
  if (!options.keep_identifiers) key = take_names(studies, known, inputs, manifest, options);
  for (std::size_t i = 0; i < studies.size(); ++i) {
    if (!studies[i].error.empty() || !known[i].header || studies[i].named) continue;
    if (const auto why = why_left_out(*known[i].header, options.selection)) {
      exclude(studies[i], *why);
    }
  }
  exclude_duplicates(studies, known);
  return key;
}

}  // namespace spine::batch
