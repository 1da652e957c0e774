#pragma once
#include <filesystem>

#include "spine/core/image.h"
#include "spine/io/image_io.h"

namespace spine {

/// Whether the file is DICOM: "DICM" at offset 128, or a parsable data set without preamble.
bool is_dicom(const std::filesystem::path& file);

/// Reads a single-frame CR/DX/RF/OT projection image as a film: Modality LUT or rescale, VOI LUT or
/// window (LINEAR, LINEAR_EXACT, SIGMOID; PS3.3 C.11.2), polarity (MONOCHROME1 is turned), spacing
/// by the chain of PS3.3 10.7. Without a VOI the 0.1th to 99.9th percentile is stretched and noted.
/// Uncompressed, RLE, JPEG lossless and JPEG-LS by DCMTK; JPEG 2000 by GDCM. The result has 16
/// bits.
/// @throws Error(unreadable | unsupported): no pixels, multi-frame, CT/MR, unknown transfer syntax.
Image read_dicom(const std::filesystem::path& file, const ReadOptions& options = {});

/// The study's identifiers needed to name it; empty where absent.
struct DicomIds {
  std::string study_uid, series_uid, sop_uid;
};
DicomIds read_dicom_ids(const std::filesystem::path& file);

}  // namespace spine
