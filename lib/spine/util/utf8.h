#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace spine {

/// Whether a text is well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates).
bool is_utf8(std::string_view text);

/// Converts text to UTF-8. Bytes that are not part of a well-formed sequence are read as
/// Windows-1252 (a superset of printable ISO 8859-1), so that file names in that encoding keep
/// their letters.
std::string to_utf8(std::string_view text);

/// Like to_utf8(), with all characters replaced that affect the display of the surrounding text:
/// control characters (C0, DEL, C1), line and paragraph separators, bidirectional controls (such as
/// U+202E) and zero-width characters.
/// @param by  the replacement
std::string to_printable(std::string_view text, std::string_view by = "\xEF\xBF\xBD");

/// Converts UTF-8 to Windows-1252, the inverse of to_utf8() for names; nullopt if a character has
/// no equivalent.
std::optional<std::string> to_windows_1252(std::string_view text);

/// Truncates UTF-8 text to at most `most_bytes` bytes, at a character boundary.
std::string cut_utf8(std::string text, std::size_t most_bytes);

/// Decodes a file's content of unknown encoding to UTF-8 without byte order mark: UTF-8, UTF-16
/// (with a byte order mark, or without one if the first two characters are ASCII), otherwise
/// Windows-1252. nullopt if it contains a zero: not text, or another encoding.
std::optional<std::string> decode_text(std::string_view bytes);

}  // namespace spine
