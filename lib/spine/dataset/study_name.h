#pragma once
#include <string>
#include <string_view>

namespace spine {

/// Makes a name safe for folders and tables: UTF-8 of at most 180 bytes. Separators, invisible
/// characters, a leading dot (hidden files) and leading = + - @ where a spreadsheet would read a
/// formula (csv_cell()) become "_". "film" if nothing remains.
std::string safe_name(std::string_view name);

}  // namespace spine
