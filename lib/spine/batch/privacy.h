#pragma once
#include <optional>

#include <nlohmann/json.hpp>

#include "spine/core/image.h"
#include "spine/io/study_key.h"

namespace spine::batch {

/// What results may tell of the patient.
struct Privacy {
  bool keep_identifiers = false;  ///< everything, also text in the pixels
  std::optional<StudyKey> key;    ///< that names and UIDs of DICOM films are made with

  /// A film as pictures of results may show it: without burned-in text.
  [[nodiscard]] Image shown(const Image& film) const;

  /// What of this makes results others, for fingerprints.
  void note_in(nlohmann::json& options) const;
};

}  // namespace spine::batch
