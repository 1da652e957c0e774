#pragma once
#include <filesystem>
#include <string>

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
/// @throws Error(output) naming the file
void write_dicom_sr(const std::filesystem::path& file, const Measurements& measurements,
                    const DicomOrigin& origin);

/// Writes an image of the results as a Secondary Capture. The file is written atomically.
/// @param picture  CV_8UC3, BGR
/// @throws Error(output) naming the file
void write_dicom_sc(const std::filesystem::path& file, const cv::Mat& picture,
                    const DicomOrigin& origin);

}  // namespace spine
