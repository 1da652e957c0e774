#pragma once
#include <filesystem>

#include <nlohmann/json.hpp>

#include "spine/core/image.h"

namespace spine::batch {

/// What a study's record (segmentation.json, restoration.json, measurements.json) says of its film:
/// spacing and where that is from, polarity, notes on how it was read.
/// @param file  of the record, for messages
/// @throws Error(unreadable) when the record does not tell the spacing
FilmInfo film_info_from(const nlohmann::json& record, const std::filesystem::path& file);

}  // namespace spine::batch
