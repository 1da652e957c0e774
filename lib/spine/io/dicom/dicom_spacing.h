#pragma once
#include "spine/core/image.h"
#include "spine/io/dicom/dicom_tags.h"

namespace spine {

/// Sets spacing and its source by the chain of PS3.3 10.7: PixelSpacing that was calibrated,
/// ImagerPixelSpacing with or without EstimatedRadiographicMagnificationFactor, PixelSpacing alone,
/// NominalScannedPixelSpacing (C.8.6.1.1), else the shape of a pixel by PixelAspectRatio
/// (C.7.6.3.1.7, vertical\horizontal size). What is given but cannot be used, or contradicts the
/// rest, is noted; where angles depend on it, flagged "pixel_shape_uncertain". Frame: as stored.
void find_spacing(DcmItem& data, FilmInfo& info);

}  // namespace spine
