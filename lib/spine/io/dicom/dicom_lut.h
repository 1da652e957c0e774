#pragma once
#include <optional>
#include <string>
#include <vector>

#include "spine/io/dicom/dicom_grey.h"
#include "spine/io/dicom/dicom_tags.h"

// Tables, windows and other tags of the grey-scale pipeline.

namespace spine {

/// A descriptor and its data (PS3.3 C.11.1.1.1; for palettes C.7.6.3.1.5), in whatever value
/// representation they are written, with entries of one byte or two; nullopt where it is absent or
/// has too few entries.
/// @param is_signed  the first mapped value may be negative
std::optional<LookupTable> lookup_table(DcmItem& item, const DcmTagKey& descriptor,
                                        const DcmTagKey& data, bool is_signed);

/// What the tags say of the way from stored values to those to be shown.
/// @param format       of the stored values
/// @param photometric  MONOCHROME1 or MONOCHROME2
/// @param notes        gets a sentence for everything that was ignored
GreyPipeline grey_pipeline(DcmItem& data, const StoredFormat& format,
                           const std::string& photometric, std::vector<std::string>& notes);

}  // namespace spine
