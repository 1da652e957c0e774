#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace spine {

/// Whether a text is well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates).
bool is_utf8(std::string_view text);

/// A text as UTF-8. Bytes that are no part of a well-formed sequence are read as Windows-1252 (of
/// which ISO 8859-1 is a part), so that a file's name in that encoding keeps its letters.
std::string to_utf8(std::string_view text);

/// The same with every character that would change how text around it is shown replaced: control
/// characters (C0, DEL, C1), line and paragraph separators, marks of writing direction (such as
/// U+202E) and characters without width.
/// @param by  what stands in their place
std::string to_printable(std::string_view text, std::string_view by = "\xEF\xBF\xBD");

/// The inverse of to_utf8() for names: a UTF-8 text in Windows-1252; nothing where it has other
/// characters.
std::optional<std::string> to_windows_1252(std::string_view text);

/// The longest beginning of a UTF-8 text of at most so many bytes that cuts no character.
std::string cut_utf8(std::string text, std::size_t most_bytes);

/// The text of a file of unknown encoding as UTF-8 without byte order mark: UTF-8, UTF-16 (with a
/// byte order mark, or without one where the first two characters are ASCII), else Windows-1252.
/// Nothing where it holds a zero: it is no text, or of another encoding.
std::optional<std::string> decode_text(std::string_view bytes);

}  // namespace spine
