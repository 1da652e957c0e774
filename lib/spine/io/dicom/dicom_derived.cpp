#include "spine/io/dicom/dicom_derived.h"

#include <ctime>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcuid.h>

#include "spine/io/dicom/dicom_tags.h"
#include "spine/io/dicom/dicom_uid.h"
#include "spine/util/sha256.h"

namespace spine {
namespace {

constexpr const char* kMaker = "spine";
constexpr const char* kModel = "spine";

}  // namespace

std::string product_uid(const std::string& name) {
  return uid_from_hash(sha256_of_text("spine " + name));
}

std::string device_uid(const std::string& version) { return product_uid("device " + version); }

std::string derived_uid(const DicomOrigin& origin, const std::string& name) {
  return uid_from_hash(sha256_of_text(name + " " + origin.run + " " + origin.source.sop_uid));
}

DicomOrigin with_uids(DicomOrigin origin) {
  const DicomOrigin known = origin;
  const auto fill = [&](std::string& uid, const char* what) {
    if (uid.empty()) uid = derived_uid(known, what);
  };
  fill(origin.source.study_uid, "study of the film");
  fill(origin.source.series_uid, "series of the film");
  fill(origin.source.sop_uid, "film");
  if (origin.source.sop_class.empty()) {
    origin.source.sop_class = UID_ComputedRadiographyImageStorage;
  }
  return origin;
}

DicomTime dicom_now() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  char date[16], time[16];
  std::strftime(date, sizeof date, "%Y%m%d", &local);
  std::strftime(time, sizeof time, "%H%M%S", &local);
  return {date, time};
}

void put_common(DatasetWriter& data, const DicomOrigin& origin, const DerivedKind& kind) {
  const DicomSource& source = origin.source;
  const DicomTime now = dicom_now();
  if (!source.character_set.empty()) data.text(DCM_SpecificCharacterSet, source.character_set);
  if (kind.image_type != nullptr) data.text(DCM_ImageType, kind.image_type);
  data.text(DCM_InstanceCreatorUID, product_uid("instance creator"));
  data.text(DCM_SOPClassUID, kind.sop_class);
  data.text(DCM_SOPInstanceUID, derived_uid(origin, kind.series));
  data.text(DCM_StudyDate, source.study_date);
  data.text(DCM_SeriesDate, now.date);
  data.text(DCM_ContentDate, now.date);
  data.text(DCM_StudyTime, source.study_time);
  data.text(DCM_SeriesTime, now.time);
  data.text(DCM_ContentTime, now.time);
  data.text(DCM_AccessionNumber, source.accession_number);
  data.text(DCM_Modality, kind.modality);
  data.text(DCM_Manufacturer, kMaker);
  data.text(DCM_ReferringPhysicianName, source.referring_physician);
  data.text(DCM_SeriesDescription, kind.series);
  data.text(DCM_ManufacturerModelName, kModel);
  data.text(DCM_PatientName, source.patient_name);
  data.text(DCM_PatientID, source.patient_id);
  data.text(DCM_PatientBirthDate, source.birth_date);
  data.text(DCM_PatientSex, source.sex);
  if (!source.identified) {
    data.text(DCM_PatientIdentityRemoved, "YES");
    data.text(DCM_DeidentificationMethod, "Keyed hashes for UIDs and patient, all else removed");
  }
  data.text(DCM_DeviceSerialNumber, "1");
  data.text(DCM_SoftwareVersions, origin.version);
  data.text(DCM_StudyInstanceUID, source.study_uid);
  data.text(DCM_SeriesInstanceUID, derived_uid(origin, std::string(kind.series) + " series"));
  data.text(DCM_StudyID, source.study_id);
  data.text(DCM_SeriesNumber, std::to_string(kind.series_number));
  data.text(DCM_InstanceNumber, "1");
  if (kind.image_type != nullptr) data.text(DCM_PatientOrientation, "");
}

bool is_own_result(DcmItem& data) {
  return tag_text(data, DCM_InstanceCreatorUID) == product_uid("instance creator") ||
         (tag_text(data, DCM_Manufacturer) == kMaker &&
          tag_text(data, DCM_ManufacturerModelName) == kModel);
}

void put_film_reference(DatasetWriter& data, const DicomSource& source) {
  DatasetWriter series = data.item(DCM_ReferencedSeriesSequence);
  series.text(DCM_SeriesInstanceUID, source.series_uid);
  DatasetWriter instance = series.item(DCM_ReferencedInstanceSequence);
  instance.text(DCM_ReferencedSOPClassUID, source.sop_class);
  instance.text(DCM_ReferencedSOPInstanceUID, source.sop_uid);
}

}  // namespace spine
