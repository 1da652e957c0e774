#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace spine {

/// What a DICOM file says of itself, its pixels aside. Values are as written, empty where absent,
/// several ones between backslashes.
struct DicomHeader {
  std::string sop_class, study_uid, series_uid, sop_uid;
  std::string modality;     ///< (0008,0060)
  std::string body_part;    ///< (0018,0015)
  std::string view;         ///< (0018,5101) "AP", "LL"
  std::string view_code;    ///< (0054,0220) View Code Sequence: what the code means, UTF-8
  std::string region_code;  ///< (0008,2218) Anatomic Region Sequence: what the code means, UTF-8
  std::string orientation;  ///< (0020,0020) "A\F": where rows and columns lead to
  /// What describes this film's series in words, UTF-8: Series Description, Protocol Name,
  /// Acquisition Device Processing Description. What describes the whole study (Study, Requested
  /// Procedure and Performed Procedure Step Description) tells nothing of a single film.
  std::vector<std::string> descriptions;
  int frames = 1;
  bool pixels = false;
  bool own_result = false;  ///< an object that this toolkit derived from a film, by its equipment
};

/// The header of a file that may be no DICOM, which is opened once; nullopt when it is none.
/// @throws Error(unreadable) for DICOM that is damaged before its pixels
std::optional<DicomHeader> find_dicom_header(const std::filesystem::path& file);
/// @throws Error(unreadable) unless the file is DICOM and whole up to its pixels.
DicomHeader read_dicom_header(const std::filesystem::path& file);

}  // namespace spine
