#pragma once
#include <optional>
#include <vector>

#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>

#include "spine/core/image.h"
#include "spine/dataset/study_key.h"

namespace spine::batch {

/// Covers the burned-in text of one film, found once, in all pictures made of it.
class TextRedaction {
 public:
  /// Covers nothing.
  TextRedaction() = default;
  explicit TextRedaction(const Image& film);
  /// @param picture  of the film's size
  [[nodiscard]] Image on(const Image& picture) const;
  /// @param picture  CV_8U, CV_16U or CV_32F, one channel: all of the film, whatever its size
  [[nodiscard]] cv::Mat on(const cv::Mat& picture) const;

 private:
  std::vector<cv::Rect> boxes_;
  int film_rows_ = 0;
};

/// What results may tell of the patient.
struct Deidentification {
  bool keep_identifiers = false;    ///< everything, also text in the pixels
  std::optional<PseudonymKey> key;  ///< that names and UIDs of DICOM films are made with

  /// What pictures of results may not show of a film.
  [[nodiscard]] TextRedaction cover(const Image& film) const;

  /// What of this makes results others, for fingerprints.
  void add_to_fingerprint(nlohmann::json& options) const;
};

}  // namespace spine::batch
