#pragma once
#include <string>
#include <vector>

namespace spine {

/// A row of a CSV, with the line of the text on which it starts (from 1).
struct CsvRow {
  int line = 0;
  std::vector<std::string> cells;
};

/// The rows of a CSV text (RFC 4180; both kinds of line ends). Blank lines are left out.
std::vector<CsvRow> parse_csv(const std::string& text);

}  // namespace spine
