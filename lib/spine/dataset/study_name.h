#pragma once
#include <string>
#include <string_view>

namespace spine {

/// A name that is fit for a folder and for a table: UTF-8 of at most 180 bytes, without separators,
/// characters that are not shown, a dot at the beginning (hidden) or = + - @ where a spreadsheet
/// would take the rest for a formula (csv_cell()); each of these becomes "_". "film" where nothing
/// is left.
std::string safe_name(std::string_view name);

}  // namespace spine
