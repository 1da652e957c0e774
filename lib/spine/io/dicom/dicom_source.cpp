#include "spine/io/dicom/dicom_source.h"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcspchrs.h>

#include "spine/core/error.h"
#include "spine/io/dicom/dicom_file.h"
#include "spine/io/dicom/dicom_tags.h"

namespace spine {

namespace {

DicomSource source_of(DcmDataset& data) {
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
  source.identified = tag_text(data, DCM_PatientIdentityRemoved) != "YES";
  return source;
}

/// The first item of a sequence; nullptr if there is none.
DcmItem* first_item(DcmItem& data, const DcmTagKey& sequence) {
  DcmItem* item = nullptr;
  return data.findAndGetSequenceItem(sequence, item, 0).good() ? item : nullptr;
}

}  // namespace

std::optional<DicomSource> find_dicom_source(const std::filesystem::path& film) {
  const auto dicom = open_dicom(film);
  if (!dicom) return std::nullopt;
  return source_of(*dicom->data);
}

DicomSource read_dicom_source(const std::filesystem::path& film) {
  auto source = find_dicom_source(film);
  if (!source) {
    throw Error(ErrorKind::unreadable,
                "read " + film.string() + ": expected a DICOM file, got something else");
  }
  return *std::move(source);
}

DicomSource read_dicom_evidence(const std::filesystem::path& document) {
  const auto dicom = open_dicom(document);
  DcmItem* study =
      dicom ? first_item(*dicom->data, DCM_CurrentRequestedProcedureEvidenceSequence) : nullptr;
  DcmItem* series = study != nullptr ? first_item(*study, DCM_ReferencedSeriesSequence) : nullptr;
  DcmItem* film = series != nullptr ? first_item(*series, DCM_ReferencedSOPSequence) : nullptr;
  if (film == nullptr) {
    throw Error(ErrorKind::unreadable, "read " + document.string() +
                                           ": expected a DICOM SR document that refers to a film");
  }
  DicomSource source = source_of(*dicom->data);
  source.series_uid = tag_text(*series, DCM_SeriesInstanceUID);
  source.sop_class = tag_text(*film, DCM_ReferencedSOPClassUID);
  source.sop_uid = tag_text(*film, DCM_ReferencedSOPInstanceUID);
  return source;
}

DicomSource in_utf8(DicomSource source) {
  constexpr const char* kUtf8 = "ISO_IR 192";
  if (source.character_set == kUtf8) return source;
  DcmSpecificCharacterSet converter;
  // OFString is std::string only in some builds of DCMTK.
  // NOLINTBEGIN(readability-redundant-string-cstr)
  bool fits = converter.selectCharacterSet(source.character_set.c_str(), kUtf8).good();
  for (std::string* text :
       {&source.patient_name, &source.patient_id, &source.study_id, &source.accession_number,
        &source.referring_physician, &source.body_part}) {
    OFString converted;
    fits = fits && converter.convertString(text->c_str(), converted, "\\^=").good();
    if (fits) text->assign(converted.c_str(), converted.length());
  }
  // NOLINTEND(readability-redundant-string-cstr)
  if (!fits) {
    throw Error(ErrorKind::unsupported,
                "write DICOM: expected texts of the film that can be converted to UTF-8");
  }
  source.character_set = kUtf8;
  return source;
}

}  // namespace spine
