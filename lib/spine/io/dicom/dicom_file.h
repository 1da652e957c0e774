#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

#include "spine/io/dicom/dicom_scan.h"

// DICOM files for the sources that use DCMTK. Every file is scanned before DCMTK sees it
// (dicom_scan.h), and DCMTK gets its data set up to the pixels alone.

namespace spine {

struct DicomFile {
  DicomLayout layout;                ///< offsets are into `bytes`
  std::unique_ptr<DcmDataset> data;  ///< up to the pixels; the pixel module's words are of VR US
  std::string_view bytes;            ///< of the whole file, or of its inflated data set
  std::unique_ptr<std::string> inflated;
  std::vector<std::string> notes;  ///< what was wrong with the file but could be read
};

/// A file up to its pixels, opened once (`bytes` is empty); nullopt when it is no DICOM.
/// @throws Error(unreadable) for DICOM that is damaged before its pixels, or nested too deep
std::optional<DicomFile> open_dicom(const std::filesystem::path& file);

/// A file that is in memory, with its pixels.
/// @param bytes  of the whole file; must live as long as the result
/// @throws Error(unreadable) for what is no DICOM or damaged, Error(unsupported) where it is that
///         in a transfer syntax whose pixels are not decoded
DicomFile parse_dicom(std::string_view bytes, const std::filesystem::path& file);

/// @throws Error(unsupported) naming the transfer syntax unless its pixels are decoded here. A file
///         without one passes.
void check_decodable(const DicomLayout& layout, const std::filesystem::path& file);

/// The standard's name of a transfer syntax, or "a transfer syntax of its own": a UID that the
/// standard does not know might tell where the file is from.
std::string display_syntax(const std::string& uid);

}  // namespace spine
