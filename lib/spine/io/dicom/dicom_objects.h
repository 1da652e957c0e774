#pragma once
#include <filesystem>
#include <string>

#include <opencv2/core.hpp>

#include "spine/core/mask_stack.h"
#include "spine/core/measurements.h"
#include "spine/io/dicom/dicom_source.h"

// What a film's results look like in DICOM. Every object is in the film's study, a series of its
// own, refers to the film, and says that software made it.

namespace spine {

/// What derived objects need to know besides the film.
struct DicomOrigin {
  DicomSource source;
  std::string version;  ///< of this project
  std::string run;      ///< UIDs of the objects follow from it: other results, other objects
};

/// Writes a Segmentation (PS3.3 A.51): eight binary segments that may overlap, L1-L5, sacrum and
/// both femoral heads by their SNOMED CT codes (CID 7603, 7304), one frame each, pixel by pixel
/// those of the film, which all frames are derived from. Without frame of reference, since a
/// projection has none. Atomic.
/// @throws Error(output) naming the file
void write_dicom_seg(const std::filesystem::path& file, const MaskStack& masks,
                     const DicomOrigin& origin);

/// Writes a Comprehensive SR by TID 1500 (Imaging Measurement Report): a measurement group
/// (TID 1501) for pelvis, lumbar spine, each vertebra and each level, with the values that were
/// given, UCUM units and codes of a scheme of its own, "99SPINE", whose values are the names in
/// measurements.csv; flags as a qualitative evaluation. Atomic.
/// @throws Error(output) naming the file
void write_dicom_sr(const std::filesystem::path& file, const Measurements& measurements,
                    const DicomOrigin& origin);

/// Writes a picture of the results as a Secondary Capture. Atomic.
/// @param picture  CV_8UC3, BGR
/// @throws Error(output) naming the file
void write_dicom_sc(const std::filesystem::path& file, const cv::Mat& picture,
                    const DicomOrigin& origin);

/// The masks of a Segmentation that write_dicom_seg wrote.
/// @throws Error(unreadable | unsupported) for another file
MaskStack read_dicom_seg(const std::filesystem::path& file);

}  // namespace spine
