#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace spine {

/// Converts ASCII letters to lower or upper case, independently of the locale.
std::string lower_case(std::string text);
std::string upper_case(std::string text);

/// Text without the characters of `blanks` at its beginning and end.
std::string trimmed(std::string_view text, std::string_view blanks = " \t\r\n");

/// Replaces each occurrence of `what`, which must not be empty, from left to right.
std::string replace_all(std::string text, std::string_view what, std::string_view by);

/// The words with `separator` between them.
std::string join(const std::vector<std::string>& words, std::string_view separator);

/// Formats a duration in the unit that suits it: "90 s", "12 min", "3.4 h".
std::string duration_text(double seconds);

}  // namespace spine
