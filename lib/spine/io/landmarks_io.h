#pragma once
#include <filesystem>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "spine/core/landmarks.h"

namespace spine {

/// "spine-landmarks/1" (io/README.md). null = not found. Coordinates are rounded to 1e-3 px.
nlohmann::json to_json(const Landmarks& landmarks);
/// Corners are null together: a vertebra with any null corner counts as not found. Heads are
/// sorted, the more anterior first.
/// @throws Error(unreadable) naming the key, what was expected and what was there.
Landmarks landmarks_from_json(const nlohmann::json& json);

/// The landmarks as a reader of the file gets them back: rounded as to_json rounds.
Landmarks round_as_written(const Landmarks& landmarks);

/// @throws Error(not_found | unreadable) naming file and key.
Landmarks read_landmarks(const std::filesystem::path& file);
/// Atomic. @throws Error(output).
void write_landmarks(const std::filesystem::path& file, const Landmarks& landmarks);

/// Indented by two, with lists of plain values on one line; ends with a newline. Bytes that are not
/// UTF-8 become U+FFFD.
std::string pretty(const nlohmann::json& json);
/// Any JSON document, pretty-printed, through a temporary name and a rename. @throws Error(output).
void write_json(const std::filesystem::path& file, const nlohmann::json& json);
/// @throws Error(not_found | unreadable).
nlohmann::json read_json(const std::filesystem::path& file);
/// Text through a temporary name and a rename. @throws Error(output).
void write_text(const std::filesystem::path& file, const std::string& text);

}  // namespace spine
