#pragma once
#include <filesystem>
#include <nlohmann/json_fwd.hpp>

#include "spine/core/landmarks.h"

namespace spine {

/// "spine-landmarks/1" of design.md. null = not found. Coordinates are rounded to 1e-3 px.
nlohmann::json to_json(const Landmarks& landmarks);
/// @throws Error(unreadable) naming the key, what was expected and what was there.
Landmarks landmarks_from_json(const nlohmann::json& json);

Landmarks read_landmarks(const std::filesystem::path& file);
void write_landmarks(const std::filesystem::path& file, const Landmarks& landmarks);

/// Any JSON document, pretty-printed, through a temporary name and a rename. @throws Error(output).
void write_json(const std::filesystem::path& file, const nlohmann::json& json);
/// @throws Error(not_found | unreadable).
nlohmann::json read_json(const std::filesystem::path& file);
/// Text through a temporary name and a rename. @throws Error(output).
void write_text(const std::filesystem::path& file, const std::string& text);

}  // namespace spine
