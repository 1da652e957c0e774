#include "spine/io/dicom_source.h"

#include "spine/core/error.h"
#include "spine/io/dicom_file.h"
#include "spine/io/dicom_tags.h"

namespace spine {

std::optional<DicomSource> find_dicom_source(const std::filesystem::path& film) {
  const auto dicom = open_dicom(film);
  if (!dicom) return std::nullopt;
  DcmDataset& data = *dicom->data;
  DicomSource source;
  source.character_set = tag_texts(data, DCM_SpecificCharacterSet);
  source.patient_name = tag_text(data, DCM_PatientName);
  source.patient_id = tag_text(data, DCM_PatientID);
  source.birth_date = tag_text(data, DCM_PatientBirthDate);
  source.sex = tag_text(data, DCM_PatientSex);
  source.study_uid = tag_text(data, DCM_StudyInstanceUID);
  source.study_date = tag_text(data, DCM_StudyDate);
  source.study_time = tag_text(data, DCM_StudyTime);
  source.study_id = tag_text(data, DCM_StudyID);
  source.accession_number = tag_text(data, DCM_AccessionNumber);
  source.referring_physician = tag_text(data, DCM_ReferringPhysicianName);
  source.series_uid = tag_text(data, DCM_SeriesInstanceUID);
  source.sop_class = tag_text(data, DCM_SOPClassUID);
  source.sop_uid = tag_text(data, DCM_SOPInstanceUID);
  source.body_part = tag_text(data, DCM_BodyPartExamined);
  return source;
}

DicomSource read_dicom_source(const std::filesystem::path& film) {
  auto source = find_dicom_source(film);
  if (!source) {
    throw Error(ErrorKind::unreadable,
                "read " + film.string() + ": expected a DICOM file, got something else");
  }
  return *std::move(source);
}

DicomSource without_identifiers(DicomSource source, const StudyKey& key, const std::string& study) {
  DicomSource bare;
  bare.identified = false;
  bare.character_set = "ISO_IR 192";
  bare.patient_id = source.patient_id.empty() ? study : key.of_patient(source.patient_id);
  bare.patient_name = bare.patient_id + "^";
  const auto replaced = [&](const std::string& uid, const char* what) {
    return key.uid(uid.empty() ? study + what : uid);
  };
  bare.study_uid = replaced(source.study_uid, " study");
  bare.series_uid = replaced(source.series_uid, " series");
  bare.sop_uid = replaced(source.sop_uid, " film");
  bare.sop_class = source.sop_class;
  return bare;
}

}  // namespace spine
