#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "spine/core/landmark_uncertainty.h"
#include "spine/stages/locate/locate.h"

namespace spine::batch {

/// Landmarks of one film with endplates predicted by the endplate network.
struct PredictedLandmarks {
  Located located;
  LandmarkUncertainty uncertainty;
  std::string masks_sha256 = {};  ///< of the masks they belong to; empty: the masks beside the file
  bool unrounded = true;          ///< false: read from a file that was edited since
};

/// Writes landmarks.json to a folder, with flags, standard deviations, the hash of the masks, and
/// unrounded coordinates, so that reading them back gives identical measurements.
/// @throws Error(output)
void write_predicted_landmarks(const std::filesystem::path& folder,
                               const PredictedLandmarks& predicted);

/// Reads landmarks.json if masks.tif beside it is unchanged; nullopt if the masks were changed or
/// the landmarks are of any other origin.
/// @throws Error(unreadable) naming the file
std::optional<PredictedLandmarks> read_predicted_landmarks(const std::filesystem::path& folder);

/// Reads landmarks from a file regardless of the files beside it; nullopt if the landmarks were
/// edited or are of any other origin.
/// @throws Error(unreadable) naming the file
std::optional<PredictedLandmarks> read_as_predicted(const std::filesystem::path& file);

}  // namespace spine::batch
