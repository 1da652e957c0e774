#pragma once
#include "spine/core/image.h"
#include "spine/io/dicom/dicom_tags.h"

namespace spine {

/// Orientation of a film in its file by PatientOrientation (PS3.3 C.7.6.1.1.1: directions of rows
/// and columns), otherwise by ImageOrientationPatient (C.7.6.2.1.1), such that the feet are at the
/// bottom. Rotations only, no mirroring: the anterior side is determined from the image. top_left
/// if the tags are absent, or contradictory, which is noted and flagged "orientation_uncertain"; a
/// rotation is noted.
Orientation find_orientation(DcmItem& data, FilmInfo& info);

}  // namespace spine
