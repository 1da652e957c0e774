#pragma once
#include <optional>
#include <vector>

#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>

#include "spine/core/image.h"
#include "spine/dataset/pseudonym_key.h"

namespace spine::batch {

/// Masks the burned-in text of one film in all images derived from it. Text is detected once.
class TextRedaction {
 public:
  /// Masks nothing.
  TextRedaction() = default;
  /// Detects the burned-in text of a film.
  explicit TextRedaction(const Image& film);
  /// Masks the text in an image of the same size as the film.
  [[nodiscard]] Image on(const Image& picture) const;
  /// Masks the text in a rescaled image.
  /// @param picture  CV_8U, CV_16U or CV_32F, one channel; shows the whole film, at any resolution
  [[nodiscard]] cv::Mat on(const cv::Mat& picture) const;

 private:
  std::vector<cv::Rect> boxes_;
  int film_rows_ = 0;
};

/// Which patient data may appear in results.
struct Deidentification {
  bool keep_identifiers = false;    ///< keep everything, including text in the pixels
  std::optional<PseudonymKey> key;  ///< pseudonymises names and UIDs of DICOM films

  /// The redaction of images derived from a film; none if identifiers are kept.
  [[nodiscard]] TextRedaction cover(const Image& film) const;

  /// Adds the settings that affect results to the options of a fingerprint.
  void add_to_fingerprint(nlohmann::json& options) const;
};

}  // namespace spine::batch
