#pragma once
#include "spine/core/image.h"
#include "spine/io/dicom/dicom_tags.h"

namespace spine {

/// How a film lies in its file, by PatientOrientation (PS3.3 C.7.6.1.1.1: where rows and columns
/// lead to), else by ImageOrientationPatient (C.7.6.2.1.1): the feet are to be below. Turned alone,
/// never mirrored: which side is in front is found in the picture. top_left where the tags do not
/// tell, or contradict themselves, which is noted and flagged "orientation_uncertain"; a turn is
/// noted.
Orientation find_orientation(DcmItem& data, FilmInfo& info);

}  // namespace spine
