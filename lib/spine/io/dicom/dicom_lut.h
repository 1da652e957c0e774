#pragma once
#include <optional>
#include <string>
#include <vector>

#include "spine/io/dicom/dicom_grey.h"
#include "spine/io/dicom/dicom_tags.h"

// Lookup tables, windows and other tags of the grey-scale pipeline.

namespace spine {

/// Reads a lookup table descriptor and its data (PS3.3 C.11.1.1.1; for palettes C.7.6.3.1.5), in
/// any value representation, with entries of one or two bytes.
/// @param is_signed  the first mapped value may be negative
/// @returns nullopt if absent or with too few entries
std::optional<LookupTable> lookup_table(DcmItem& item, const DcmTagKey& descriptor,
                                        const DcmTagKey& data, bool is_signed);

/// Reads the transform from stored to displayed values.
/// @param format       of the stored values
/// @param photometric  MONOCHROME1 or MONOCHROME2
/// @param notes        receives a sentence for everything that was ignored
GreyPipeline grey_pipeline(DcmItem& data, const StoredFormat& format,
                           const std::string& photometric, std::vector<std::string>& notes);

}  // namespace spine
