#pragma once
#include "spine/core/image.h"
#include "spine/io/dicom/dicom_tags.h"

namespace spine {

/// Sets the spacing and its source in the order of PS3.3 10.7: calibrated PixelSpacing,
/// ImagerPixelSpacing with or without EstimatedRadiographicMagnificationFactor, PixelSpacing alone,
/// NominalScannedPixelSpacing (C.8.6.1.1), otherwise the pixel shape by PixelAspectRatio
/// (C.7.6.3.1.7, vertical, then horizontal size). Values that are unusable or contradict the rest
/// are noted; if angles depend on them, flagged "pixel_shape_uncertain". Frame: as stored.
void find_spacing(DcmItem& data, FilmInfo& info);

}  // namespace spine
