#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/core/mask_stack.h"
#include "spine/core/measurements.h"
#include "spine/io/dicom/dicom_source.h"

// DICOM objects for the results of a film. Every object belongs to the film's study, is a series of
// its own, refers to the film, and declares software as its creator.

namespace spine {

/// Origin of derived objects.
struct DicomOrigin {
  DicomSource source;
  std::string version;  ///< of this project
  std::string run;      ///< determines the UIDs: different results have different UIDs
};

/// Who read the measurements of a report.
struct DicomReading {
  std::string reader;                    ///< person's name, UTF-8
  std::string organization;              ///< of the reader
  std::string time;                      ///< of the reading, UTC: "2026-11-30T14:35:25Z"
  bool verified = false;                 ///< whether the reader approved the measurements
  std::vector<std::string> edited = {};  ///< landmarks that a reader corrected, "S1.sup"
};

/// Writes a Segmentation (PS3.3 A.51): eight binary segments that may overlap, L1-L5, sacrum and
/// both femoral heads with their SNOMED CT codes (CID 7603, 7304), one frame each, in the pixel
/// grid of the film, from which all frames are derived. Without frame of reference, since a
/// projection has none. The file is written atomically.
/// @throws Error(output) naming the file
void write_dicom_seg(const std::filesystem::path& file, const MaskStack& masks,
                     const DicomOrigin& origin);

/// Writes a Comprehensive SR by TID 1500 (Imaging Measurement Report): a measurement group (TID
/// 1501) for pelvis, lumbar spine, each vertebra and each level, with the available values, UCUM
/// units and codes of the private scheme "99SPINE", whose values are the names in measurements.csv;
/// flags as a qualitative evaluation. The file is written atomically.
/// @param reading  adds the reader as an observer, the corrected landmarks as a qualitative
///     evaluation and, if verified, Verification Flag VERIFIED (0040,A493) with the reader, the
///     organization and the time (0040,A073)
/// @throws Error(output) naming the file, Error(unsupported) as in_utf8()
void write_dicom_sr(const std::filesystem::path& file, const Measurements& measurements,
                    const DicomOrigin& origin,
                    const std::optional<DicomReading>& reading = std::nullopt);

/// Writes an image of the results as a Secondary Capture. The file is written atomically.
/// @param picture  CV_8UC3, BGR
/// @throws Error(output) naming the file
void write_dicom_sc(const std::filesystem::path& file, const cv::Mat& picture,
                    const DicomOrigin& origin);

}  // namespace spine
