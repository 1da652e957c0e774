#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "spine/core/landmark_uncertainty.h"
#include "spine/stages/locate/locate.h"

namespace spine::batch {

/// Landmarks of one film whose endplates a network drew.
struct DrawnLandmarks {
  Located located;
  LandmarkUncertainty uncertainty;
  std::string masks_sha256 = {};  ///< of the masks they belong to; empty: those beside the file
  bool as_drawn = true;           ///< false: read from a file in which a person changed some
};

/// Writes them to landmarks.json of a folder, with flags, spreads, the hash of their masks, and all
/// digits, so that whoever reads them measures what the network drew.
void write_drawn_landmarks(const std::filesystem::path& folder, const DrawnLandmarks& drawn);

/// Reads them back where masks.tif beside is still the same; nullopt where it was changed, and for
/// landmarks of any other origin. @throws Error(unreadable) naming the file.
std::optional<DrawnLandmarks> read_drawn_landmarks(const std::filesystem::path& folder);

/// Reads them from their file, whatever lies beside it; nullopt where a person changed some, and
/// for landmarks of any other origin. @throws Error(unreadable) naming the file.
std::optional<DrawnLandmarks> read_as_drawn(const std::filesystem::path& file);

}  // namespace spine::batch
