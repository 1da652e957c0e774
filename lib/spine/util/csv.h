#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace spine {

/// A row of a CSV, with the line of the text on which it starts (from 1).
struct CsvRow {
  int line = 0;
  std::vector<std::string> cells;
};

/// The rows of a CSV text (RFC 4180; line ends of all kinds, those of old Macs where there are no
/// others). Blank lines are left out, and so is the byte order mark that spreadsheets begin UTF-8
/// with.
std::vector<CsvRow> parse_csv(const std::string& text, char separator = ',');

/// The rows of a table that somebody's spreadsheet or editor saved: UTF-8, UTF-16 or Windows-1252,
/// cells between commas, semicolons or tabs, whichever alone the first line has (commas where it
/// has several; a line "sep=;" of Excel before it counts). All cells are UTF-8.
/// @param bytes  of the file
/// @param where  named in errors
/// @throws Error(usage), one line, when it is no text, and says what it is.
std::vector<CsvRow> parse_table(const std::string& bytes, const std::string& where);

/// A cell as a CSV holds it: well-formed UTF-8, quoted where it must be, and no formula to a
/// spreadsheet. Where a cell, or what follows a semicolon in it (which some spreadsheets take for
/// the end of a cell), begins with = + - @ or a tab and is no number, it gets an apostrophe before
/// it (OWASP, CSV Injection). Characters that are not shown, but change how others are, become
/// U+FFFD; line breaks stay.
std::string csv_cell(const std::string& text);

/// Whether a text that begins so is a formula to a spreadsheet.
bool begins_formula(std::string_view text);

/// The place of the first of these names that the header has.
/// @param where  named in errors
/// @throws Error(usage) naming the first name and the columns that are there.
std::size_t column_index(const CsvRow& header, const std::vector<std::string>& names,
                         const std::string& where);

}  // namespace spine
