#pragma once
#include <filesystem>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "spine/core/landmarks.h"

namespace spine {

/// Serialises as "spine-landmarks/2" (io/README.md). null: not found. Coordinates are rounded to
/// 1e-3 px.
nlohmann::json to_json(const Landmarks& landmarks);
/// Parses "spine-landmarks/2". A vertebra with any null corner counts as not found. Heads are
/// sorted, the more anterior first.
/// @throws Error(unreadable) naming the key, what was expected and what was found
Landmarks landmarks_from_json(const nlohmann::json& json);

/// Reads landmarks.json. @throws Error(not_found | unreadable) naming file and key
Landmarks read_landmarks(const std::filesystem::path& file);
/// Writes landmarks.json atomically. @throws Error(output)
void write_landmarks(const std::filesystem::path& file, const Landmarks& landmarks);

}  // namespace spine
