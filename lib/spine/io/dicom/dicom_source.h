#pragma once
#include <filesystem>
#include <optional>
#include <string>

namespace spine {

/// Attributes of a DICOM film that derived objects refer to, including the patient. Values are as
/// written, UTF-8 or in `character_set`; empty if absent.
struct DicomSource {
  std::string character_set;
  std::string patient_name, patient_id, birth_date, sex;
  std::string study_uid, study_date, study_time, study_id, accession_number, referring_physician;
  std::string series_uid, sop_class, sop_uid;
  std::string body_part;
  bool identified = true;  ///< false: names, dates and UIDs are pseudonyms
};

/// Reads the source attributes of a file.
/// @returns nullopt if the file is not DICOM
/// @throws Error(unreadable) as find_dicom_header()
std::optional<DicomSource> find_dicom_source(const std::filesystem::path& film);
/// Reads the source attributes of a DICOM file. @throws Error(unreadable) as read_dicom_header()
DicomSource read_dicom_source(const std::filesystem::path& film);

/// The film that an SR document refers to as its evidence, with the patient and study of the
/// document.
/// @throws Error(unreadable) if the file is no such document
DicomSource read_dicom_evidence(const std::filesystem::path& document);

/// The attributes in UTF-8, so that texts of other origin can stand beside them.
/// @throws Error(unsupported) if their character set cannot be converted
DicomSource in_utf8(DicomSource source);

}  // namespace spine
