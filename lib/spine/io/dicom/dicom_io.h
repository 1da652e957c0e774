#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <opencv2/core.hpp>

#include "spine/core/image.h"
#include "spine/io/codecs/finish_film.h"

namespace spine {

class ByteSource;

/// Whether a file is DICOM, regardless of its preamble (PS3.10 7.1): "DICM" at offset 128, or a
/// data set without preamble that has a SOP class or modality, or rows, columns and pixels.
bool is_dicom(const std::filesystem::path& file);
bool is_dicom(ByteSource& source);

/// Reads a CR/DX/RF/OT projection image, or one frame of it, as a film: Modality LUT or rescale,
/// VOI LUT or the first window (LINEAR, LINEAR_EXACT, SIGMOID; PS3.3 C.11.2), polarity (MONOCHROME1
/// is inverted), spacing (dicom_spacing.h; PS3.3 10.7), upright by PatientOrientation
/// (dicom_orientation.h). Padding becomes black. Without a VOI transform, or if it clips much of
/// the image centre, the 0.1th to 99.9th percentile is stretched, with a note. If tags do not give
/// the polarity of bone (raw "FOR PROCESSING" data, screen captures, colour) it is detected in the
/// image, as for other formats. Uncompressed, RLE, JPEG (lossy and lossless) and JPEG-LS are
/// decoded by DCMTK, JPEG 2000 by GDCM; only the selected frame is decoded. The result has 16 bits.
/// Messages quote no tag values except codes of the standard.
/// @throws Error(unreadable): damaged, truncated or nested too deeply; Error(unsupported): no
/// pixels, several frames without a selection, CT/MR and other modalities, transfer syntaxes that
/// cannot be decoded
Image read_dicom(const std::filesystem::path& file, const ReadOptions& options = {});
/// Reads a film from a file in memory. @throws Error as above
Image read_dicom(std::string_view bytes, const std::filesystem::path& file,
                 const ReadOptions& options = {});

/// Lossless compression of a DICOM file.
enum class DicomCompression { none, rle, jpeg_lossless, jpeg_ls, jpeg_2000 };

/// UIDs of a film, its series and its study.
struct DicomUids {
  std::string study, series, instance;
};

/// Options of write_dicom(). The defaults identify no person.
struct DicomWriteOptions {
  std::string modality = "DX";    ///< "DX" or "CR"
  std::string study = "film";     ///< StudyID
  std::optional<DicomUids> uids;  ///< default: derived from `study`
  std::string patient_name = "SIMULATED^FILM";
  std::string patient_id = "SIMULATED";
  std::string manufacturer = "spine";
  int bits_stored = 0;                                ///< 0: the depth of the pixels (8 or 16)
  bool monochrome1 = false;                           ///< store inverted, as MONOCHROME1
  std::optional<Spacing> imager_spacing;              ///< ImagerPixelSpacing: in the detector plane
  std::optional<double> magnification;                ///< EstimatedRadiographicMagnificationFactor
  std::optional<Spacing> calibrated_spacing;          ///< PixelSpacing, calibration type GEOMETRY
  std::optional<double> window_center, window_width;  ///< of displayed values; default: full range
  DicomCompression compression = DicomCompression::none;
};

/// Writes a film as a DX or CR image (PS3.3 A.26, A.2), losslessly in every compression. Spacings
/// are written to a millionth of a millimetre. The file is written atomically.
/// @param pixels  CV_8UC1 or CV_16UC1, bone bright, values below 2^bits_stored
/// @throws Error(output) naming the file; Error(internal) for other pixels or values too large
void write_dicom(const std::filesystem::path& file, const cv::Mat& pixels,
                 const DicomWriteOptions& options = {});

}  // namespace spine
