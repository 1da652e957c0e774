#pragma once
#include <filesystem>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace spine {

/// Indented by two, with lists of plain values on one line; ends with a newline. Bytes that are not
/// UTF-8 become U+FFFD.
std::string pretty(const nlohmann::json& json);
/// Any JSON document, pretty-printed, through a temporary name and a rename. @throws Error(output).
void write_json(const std::filesystem::path& file, const nlohmann::json& json);
/// A JSON document; one of an earlier version of this project's schemas in the present version
/// (update_schema).
/// @throws Error(not_found | unreadable).
nlohmann::json read_json(const std::filesystem::path& file);

/// Arrays and objects within each other that a JSON text may have: no file that is read here needs
/// more than ten levels. What holds a parsed document copies and prints it by recursion, so that a
/// few kilobytes of brackets would otherwise use up the stack.
constexpr int kMaxJsonLevels = 100;

/// Whether a text that may be JSON (RFC 8259) is nested deeper than that. Brackets within strings
/// do not count; what is no JSON at all gets some answer.
bool is_nested_too_deep(std::string_view json);

}  // namespace spine
