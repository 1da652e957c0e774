#include "spine/io/dicom/dicom_source.h"

#include "spine/core/error.h"
#include "spine/io/dicom/dicom_file.h"
#include "spine/io/dicom/dicom_tags.h"

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

}  // namespace spine
