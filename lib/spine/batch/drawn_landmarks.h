#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "spine/core/landmark_spreads.h"
#include "spine/stages/locate.h"

namespace spine::batch {

/// Landmarks of one film whose endplates a network drew.
struct DrawnLandmarks {
  Located located;
  LandmarkSpreads spreads;
  std::string masks_sha256 = {};  ///< of the masks they belong to; empty: those beside the file
};

/// Writes them to landmarks.json of a folder, with flags, spreads and the hash of their masks.
void write_drawn_landmarks(const std::filesystem::path& folder, const DrawnLandmarks& drawn);

/// Reads them back where masks.tif is still the same; nullopt where it was changed, and for
/// landmarks of any other origin. @throws Error(unreadable) naming the file.
std::optional<DrawnLandmarks> read_drawn_landmarks(const std::filesystem::path& folder);

}  // namespace spine::batch
