#pragma once
#include <string>

#include "spine/io/dicom/dicom_dataset.h"
#include "spine/io/dicom/dicom_objects.h"

// Attributes common to all objects derived from a film.

namespace spine {

/// Kind of a derived object.
struct DerivedKind {
  const char* sop_class;
  const char* modality;
  const char* series;      ///< Series Description
  const char* image_type;  ///< nullptr: not an image
  int series_number;
};

/// Adds UIDs missing in the film, since derived objects must refer to a study and a film;
/// deterministic within a run.
DicomOrigin with_uids(DicomOrigin origin);

/// Writes the patient, study, series, equipment and SOP common modules, with the current date.
void put_common(DatasetWriter& data, const DicomOrigin& origin, const DerivedKind& kind);

/// Whether the equipment of a data set was written by put_common() of this or an earlier version.
/// Independent of the file's name, location and identifiers.
bool is_own_result(DcmItem& data);

/// Writes the Common Instance Reference (PS3.3 C.12.2) to the film.
void put_film_reference(DatasetWriter& data, const DicomSource& source);

/// A UID of the toolkit itself, determined by the name alone across runs and versions.
std::string product_uid(const std::string& name);

/// UID of the software as a device (PS3.16 TID 1004): one per version.
std::string device_uid(const std::string& version);

/// A UID determined by origin and name, for an object, a series or similar of one film.
std::string derived_uid(const DicomOrigin& origin, const std::string& name);

/// Date "20241231" and time "235959", local time.
struct DicomTime {
  std::string date, time;
};
/// The current date and time.
DicomTime dicom_now();

}  // namespace spine
