#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "spine/batch/deidentification.h"
#include "spine/core/mask_stack.h"
#include "spine/core/measurements.h"
#include "spine/core/orientation.h"
#include "spine/dataset/study_set.h"

namespace spine::batch {

/// Which DICOM objects are written to a study's folder.
struct DicomOutput {
  bool segmentation = false;  ///< segmentation.dcm
  bool report = false;        ///< report.dcm
  bool capture = false;       ///< overlay.dcm
  std::string version;        ///< of this toolkit

  /// Whether any object is written.
  [[nodiscard]] bool any() const { return segmentation || report || capture; }
  /// Names of the files that may be written.
  [[nodiscard]] std::vector<std::string> files() const;
  /// Adds the settings that affect results to the options of a fingerprint.
  void add_to_fingerprint(nlohmann::json& options, const Deidentification& deidentification) const;
};

/// Writes the DICOM objects to the study's folder. They refer to the DICOM file of the film; for a
/// film in another format nothing is written. Unless identifiers are kept, `deidentification` must
/// have a key.
/// @param masks        of the upright film
/// @param orientation  orientation of the film in its file; the Segmentation is written in the same
///                     one
/// @param overlay      CV_8UC3, upright
/// @param run          the study's fingerprint; UIDs are derived from it
/// @param folder       the study's folder
/// @returns whether they were written
/// @throws Error(output) if a file cannot be written, Error(internal) without a key
bool write_dicom_objects(const DicomOutput& output, const Deidentification& deidentification,
                         const Study& study, const MaskStack& masks, Orientation orientation,
                         const Measurements& measurements, const cv::Mat& overlay,
                         const std::string& run, const std::filesystem::path& folder);

}  // namespace spine::batch
