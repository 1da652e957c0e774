#pragma once
#include <string>

#include "spine/io/dicom/dicom_dataset.h"
#include "spine/io/dicom/dicom_objects.h"

// What all objects that are derived from a film have in common.

namespace spine {

struct DerivedKind {
  const char* sop_class;
  const char* modality;
  const char* series;      ///< its description
  const char* image_type;  ///< nullptr: no image
  int series_number;
};

/// The origin with UIDs where the film has none, as derived objects must name a study and a film;
/// the same for all objects of a run.
DicomOrigin with_uids(DicomOrigin origin);

/// Patient, study, series, equipment, SOP common and the date of now.
void put_common(DatasetWriter& data, const DicomOrigin& origin, const DerivedKind& kind);

/// Whether put_common() wrote the equipment of a data set, in this version or an earlier one,
/// whatever became of the file's name, place and identifiers.
bool is_own_result(DcmItem& data);

/// Common Instance Reference (PS3.3 C.12.2): the film.
void put_film_reference(DatasetWriter& data, const DicomSource& source);

/// A UID of the toolkit itself: the same name gives the same one, in all runs and versions.
std::string product_uid(const std::string& name);

/// The UID of the software as a device (PS3.16 TID 1004): one for all films and runs of a version.
std::string device_uid(const std::string& version);

/// The same origin and name give the same UID, of an object, a series or what else is one film's.
std::string derived_uid(const DicomOrigin& origin, const std::string& name);

/// "20241231" and "235959", local time.
struct DicomTime {
  std::string date, time;
};
DicomTime dicom_now();

}  // namespace spine
