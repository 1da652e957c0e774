#pragma once
#include <filesystem>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace spine {

/// Formats JSON with an indentation of two, arrays of plain values on one line, and a final
/// newline. Bytes that are not UTF-8 become U+FFFD.
std::string pretty(const nlohmann::json& json);
/// Writes a JSON document, pretty-printed, by an AtomicFile. @throws Error(output)
void write_json(const std::filesystem::path& file, const nlohmann::json& json);
/// Reads a JSON document; version 1 of this project's schemas is converted (update_schema).
/// @throws Error(not_found | unreadable)
nlohmann::json read_json(const std::filesystem::path& file);

/// The text under a key of an object; `otherwise` if there is none, or `object` is no object.
std::string text_at(const nlohmann::json& object, const char* key, std::string otherwise = {});

/// Maximum nesting of arrays and objects; files read here need at most ten levels. Copying and
/// printing a parsed document is recursive, so that a few kilobytes of brackets could otherwise
/// exhaust the stack.
constexpr int kMaxJsonLevels = 100;

/// Whether a JSON text (RFC 8259) is nested deeper than kMaxJsonLevels. Brackets within strings do
/// not count; the result for text that is not JSON is unspecified.
bool is_nested_too_deep(std::string_view json);

}  // namespace spine
