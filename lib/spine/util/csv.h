#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spine {

/// A row of a CSV file, with the line on which it starts (from 1).
struct CsvRow {
  int line = 0;
  std::vector<std::string> cells;
};

/// Parses CSV (RFC 4180) with any line ends (CR alone only if no other kind occurs). Blank lines
/// and a UTF-8 byte order mark are skipped.
std::vector<CsvRow> parse_csv(const std::string& text, char separator = ',');

/// Reads a CSV file with a header; the first row is the header.
/// @param where  prefix of error messages
/// @throws Error(unreadable) if the file cannot be read or has no rows
std::vector<CsvRow> read_csv(const std::filesystem::path& file, const std::string& where);

/// The finite number in a cell, blanks around it aside; nullopt for any other text.
std::optional<double> number_in(const std::string& cell);

/// Parses a table saved by a spreadsheet or editor: UTF-8, UTF-16 or Windows-1252; separated by
/// comma, semicolon or tab, whichever alone occurs in the first line (comma if several do; Excel's
/// "sep=;" line takes precedence). Cells are returned in UTF-8.
/// @param bytes  content of the file
/// @param where  prefix of error messages
/// @throws Error(usage) if the content is not text, naming the kind of file
std::vector<CsvRow> parse_table(const std::string& bytes, const std::string& where);

/// Formats a cell: well-formed UTF-8, quoted where needed (RFC 4180; also spaces at either end,
/// which some readers drop), and protected against formula injection (OWASP, CSV Injection): an
/// apostrophe is inserted where the cell, or the part after a semicolon (a separator to some
/// spreadsheets), begins with = + - @ or a tab and is not a number. Invisible characters that
/// affect the display of others become U+FFFD; line breaks are kept.
std::string csv_cell(const std::string& text);

/// Whether a spreadsheet would read text with this beginning as a formula.
bool begins_formula(std::string_view text);

/// Index of the first of `names` that the header contains.
/// @param where  prefix of error messages
/// @throws Error(usage) naming the first of `names` and the columns present
std::size_t column_index(const CsvRow& header, const std::vector<std::string>& names,
                         const std::string& where);

}  // namespace spine
