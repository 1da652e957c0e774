#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "spine/io/study_key.h"

namespace spine {

/// A DICOM film as derived objects refer to it, and whom it is of. Values are as written, UTF-8 or
/// in `character_set`; empty where absent.
struct DicomSource {
  std::string character_set;
  std::string patient_name, patient_id, birth_date, sex;
  std::string study_uid, study_date, study_time, study_id, accession_number, referring_physician;
  std::string series_uid, sop_class, sop_uid;
  std::string body_part;
  bool identified = true;  ///< false: names, dates and UIDs stand for others
};

/// nullopt when the file is no DICOM. It is opened once.
/// @throws Error(unreadable) as find_dicom_header does
std::optional<DicomSource> find_dicom_source(const std::filesystem::path& film);
/// @throws Error(unreadable) as read_dicom_header does
DicomSource read_dicom_source(const std::filesystem::path& film);

/// The same without anything that tells whom it is of: the patient is called by a keyed hash, UIDs
/// are replaced by keyed ones, dates, times and all else are empty (the core of PS3.15 E.1).
/// @param study  the study's id, which names the patient where the film has no patient's id
DicomSource without_identifiers(DicomSource source, const StudyKey& key, const std::string& study);

}  // namespace spine
