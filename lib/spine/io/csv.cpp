#include "spine/io/csv.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "spine/core/error.h"

namespace spine {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

std::vector<CsvRow> parse_csv(const std::string& text) {
  std::vector<CsvRow> rows;
  CsvRow row{1, {""}};
  int line = 1;
  bool quoted = false;
  const auto end_row = [&] {
    const bool blank = row.cells.size() == 1 && row.cells.front().empty();
    if (!blank) rows.push_back(std::move(row));
    row = {line, {""}};
  };
  const std::size_t begin = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  for (std::size_t i = begin; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') ++line;
    if (quoted) {
      if (c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
        row.cells.back() += '"';
        ++i;
      } else if (c == '"') {
        quoted = false;
      } else {
        row.cells.back() += c;
      }
    } else if (c == '"') {
      quoted = true;
    } else if (c == ',') {
      row.cells.emplace_back();
    } else if (c == '\n') {
      end_row();
    } else if (c != '\r') {
      row.cells.back() += c;
    }
  }
  end_row();
  return rows;
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string cell(1, '"');
  for (const char c : text) {
    if (c == '"') cell.push_back('"');
    cell.push_back(c);
  }
  cell.push_back('"');
  return cell;
}

std::size_t column_of(const CsvRow& header, const std::vector<std::string>& names,
                      const std::string& where) {
  for (const auto& name : names) {
    const auto at = std::find(header.cells.begin(), header.cells.end(), name);
    if (at != header.cells.end()) return static_cast<std::size_t>(at - header.cells.begin());
  }
  std::string there;
  for (const auto& cell : header.cells) there += (there.empty() ? "" : ", ") + cell;
  const bool one_cell = header.cells.size() == 1 && there.find_first_of(";\t") != std::string::npos;
  throw Error(ErrorKind::usage, where + ": expected a column " + names.front() + ", found " +
                                    there + (one_cell ? "; cells are separated by commas" : ""));
}

}  // namespace spine
