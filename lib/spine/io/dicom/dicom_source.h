#pragma once
#include <filesystem>
#include <optional>
#include <string>

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

}  // namespace spine
