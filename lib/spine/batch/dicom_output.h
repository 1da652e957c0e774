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

/// Which DICOM objects are written beside a study's other results.
struct DicomOutput {
  bool segmentation = false;  ///< segmentation.dcm
  bool report = false;        ///< report.dcm
  bool capture = false;       ///< overlay.dcm
  std::string version;        ///< of this project

  [[nodiscard]] bool any() const { return segmentation || report || capture; }
  /// Names of the files that may be written.
  [[nodiscard]] std::vector<std::string> files() const;
  /// What of this makes results others, for fingerprints.
  void add_to_fingerprint(nlohmann::json& options, const Deidentification& deidentification) const;
};

/// Writes the objects to the study's folder. A film that is no DICOM file has nothing that they
/// could refer to: then none is written. Without identifiers `privacy` must have a key.
/// @param masks        of the upright film
/// @param orientation  how the film lies in its file: the Segmentation lies so too
/// @param overlay  CV_8UC3, upright
/// @param run      the study's fingerprint; UIDs follow from it
/// @returns whether they were written
bool write_dicom_objects(const DicomOutput& output, const Deidentification& deidentification,
                         const Study& study, const MaskStack& masks, Orientation orientation,
                         const Measurements& measurements, const cv::Mat& overlay,
                         const std::string& run, const std::filesystem::path& folder);

}  // namespace spine::batch
