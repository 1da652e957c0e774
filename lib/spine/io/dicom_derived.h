#pragma once
#include <string>

#include "spine/io/dicom_dataset.h"
#include "spine/io/dicom_objects.h"

// What all objects that are derived from a film have in common.

namespace spine {

struct DerivedKind {
  const char* sop_class;
  const char* modality;
  const char* series;      ///< its description
  const char* image_type;  ///< nullptr: no image
  int series_number;
};

/// Patient, study, series, equipment, SOP common and the date of now.
void put_common(DatasetWriter& data, const DicomOrigin& origin, const DerivedKind& kind);

/// Common Instance Reference (PS3.3 C.12.2): the film.
void put_film_reference(DatasetWriter& data, const DicomSource& source);

/// The same origin and name give the same UID.
std::string derived_uid(const DicomOrigin& origin, const std::string& name);

/// "20241231" and "235959", local time.
struct DicomTime {
  std::string date, time;
};
DicomTime dicom_now();

}  // namespace spine
