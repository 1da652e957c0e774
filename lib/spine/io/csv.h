#pragma once
#include <string>
#include <vector>

namespace spine {

/// A row of a CSV, with the line of the text on which it starts (from 1).
struct CsvRow {
  int line = 0;
  std::vector<std::string> cells;
};

/// The rows of a CSV text (RFC 4180; both kinds of line ends). Blank lines are left out, and so is
/// the byte order mark that spreadsheets begin UTF-8 with.
std::vector<CsvRow> parse_csv(const std::string& text);

/// A cell as a CSV holds it: quoted where it must be.
std::string csv_cell(const std::string& text);

/// The place of the first of these names that the header has.
/// @param where  named in errors
/// @throws Error(usage) naming the first name and the columns that are there.
std::size_t column_of(const CsvRow& header, const std::vector<std::string>& names,
                      const std::string& where);

}  // namespace spine
