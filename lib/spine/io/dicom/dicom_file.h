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

// Opening of DICOM files with DCMTK. Every file is scanned first (dicom_scan.h), and DCMTK parses
// its data set only up to the pixels.

namespace spine {

/// An open DICOM file.
struct DicomFile {
  DicomLayout layout;                ///< offsets are into `bytes`
  std::unique_ptr<DcmDataset> data;  ///< up to the pixels; numbers of the pixel module have VR US
  std::string_view bytes;            ///< content of the file, or its inflated data set
  std::unique_ptr<std::string> inflated;
  std::vector<std::string> notes;  ///< recoverable defects of the file
};

/// Opens a file and parses it up to its pixels (`bytes` is empty).
/// @returns nullopt if it is not DICOM
/// @throws Error(unreadable) for DICOM that is damaged before its pixels or nested too deeply
std::optional<DicomFile> open_dicom(const std::filesystem::path& file);

/// Parses a file in memory, including its pixels.
/// @param bytes  content of the file; must outlive the result
/// @throws Error(unreadable) if it is not DICOM or damaged, Error(unsupported) if the damage may be
/// due to an unsupported transfer syntax
DicomFile parse_dicom(std::string_view bytes, const std::filesystem::path& file);

/// Requires a transfer syntax whose pixels can be decoded. A file without transfer syntax passes.
/// @throws Error(unsupported) naming the transfer syntax
void check_decodable(const DicomLayout& layout, const std::filesystem::path& file);

/// Name of a standard transfer syntax, otherwise "a private transfer syntax": a private UID
/// could identify the file's origin.
std::string display_syntax(const std::string& uid);

}  // namespace spine
