#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace spine {

/// Header fields of a DICOM file. Values are as written, empty if absent, multiple values separated
/// by backslashes.
struct DicomHeader {
  std::string sop_class, study_uid, sop_uid;
  std::string modality;     ///< (0008,0060)
  std::string body_part;    ///< (0018,0015)
  std::string view;         ///< (0018,5101) "AP", "LL"
  std::string view_code;    ///< (0054,0220) View Code Sequence: code meaning, UTF-8
  std::string region_code;  ///< (0008,2218) Anatomic Region Sequence: code meaning, UTF-8
  std::string orientation;  ///< (0020,0020) "A\F": directions of rows and columns
  /// Descriptions of this film's series, UTF-8: Series Description, Protocol Name, Acquisition
  /// Device Processing Description. Descriptions of the whole study (Study, Requested Procedure and
  /// Performed Procedure Step Description) are not used, since they do not describe a single film.
  std::vector<std::string> descriptions;
  bool pixels = false;
  bool own_result = false;  ///< an object derived by this toolkit, recognised by its equipment
};

/// Reads the header of a file.
/// @returns nullopt if the file is not DICOM
/// @throws Error(unreadable) for DICOM that is damaged before its pixels
std::optional<DicomHeader> find_dicom_header(const std::filesystem::path& file);
/// Reads the header of a DICOM file.
/// @throws Error(unreadable) unless the file is DICOM and intact up to its pixels
DicomHeader read_dicom_header(const std::filesystem::path& file);

}  // namespace spine
