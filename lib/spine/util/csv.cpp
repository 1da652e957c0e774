#include "spine/util/csv.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

#include "spine/core/error.h"
#include "spine/util/atomic_file.h"
#include "spine/util/utf8.h"

namespace spine {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// Describes a binary file given in place of a table.
std::string kind_of_binary(std::string_view bytes) {
  if (bytes.starts_with("PK\x03\x04")) return "a ZIP archive, maybe a spreadsheet (.xlsx, .ods)";
  if (bytes.starts_with("\xD0\xCF\x11\xE0")) return "an old spreadsheet (.xls)";
  if (bytes.starts_with("%PDF")) return "a PDF";
  return "binary data";
}

/// The separator that alone occurs in the first line; otherwise the comma.
char separator_of(std::string_view text) {
  const std::string_view line = text.substr(0, text.find_first_of("\r\n"));
  constexpr std::string_view kOthers = ";\t";
  const bool comma = line.find(',') != std::string_view::npos;
  char found = ',';
  for (const char c : kOthers) {
    if (line.find(c) == std::string_view::npos) continue;
    if (comma || found != ',') return ',';
    found = c;
  }
  return found;
}

/// Removes the line "sep=;", by which Excel declares the separator. nullopt if there is none.
std::optional<char> take_separator_line(std::string& text) {
  if (!text.starts_with("sep=") || text.size() < 5) return std::nullopt;
  const std::size_t end = text.find_first_of("\r\n");
  if (end != 5) return std::nullopt;
  const char separator = text[4];
  const std::size_t next = text.find_first_not_of("\r\n", end);
  text.erase(0, next);
  return separator;
}

/// Numbers, intervals and similar text that is harmless in a spreadsheet.
bool is_arithmetic(std::string_view text) {
  constexpr std::string_view kSigns = "+-", kDigits = "0123456789.";
  constexpr std::string_view kAllowed = "0123456789.,:+-eE%()[]/ ";
  return text.size() > 1 && kSigns.find(text[0]) != std::string_view::npos &&
         kDigits.find(text[1]) != std::string_view::npos &&
         text.find_first_not_of(kAllowed) == std::string_view::npos;
}

/// Prefixes every formula with an apostrophe.
std::string without_formulas(const std::string& text) {
  std::string safe;
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = std::min(text.find(';', begin), text.size());
    const std::string_view part = std::string_view(text).substr(begin, end - begin);
    if (begins_formula(part)) safe += '\'';
    safe += part;
    if (end == text.size()) return safe;
    safe += ';';
    begin = end + 1;
  }
}

/// Makes text printable; keeps line breaks, and tabs for begins_formula().
std::string display_text(const std::string& text) {
  std::string shown;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find_first_of("\n\r\t", begin), text.size());
    shown += to_printable(std::string_view(text).substr(begin, end - begin));
    if (end < text.size()) shown += text[end];
    begin = end + 1;
  }
  return shown;
}

}  // namespace

std::vector<CsvRow> parse_csv(const std::string& text, char separator) {
  std::vector<CsvRow> rows;
  CsvRow row{1, {""}};
  int line = 1;
  bool quoted = false;
  const char line_end = text.find('\n') == std::string::npos ? '\r' : '\n';
  const auto end_row = [&] {
    const bool blank = row.cells.size() == 1 && row.cells.front().empty();
    if (!blank) rows.push_back(std::move(row));
    row = {line, {""}};
  };
  const std::size_t begin = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  for (std::size_t i = begin; i < text.size(); ++i) {
    const char c = text[i];
    if (c == line_end) ++line;
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
    } else if (c == separator) {
      row.cells.emplace_back();
    } else if (c == line_end) {
      end_row();
    } else if (c != '\r') {
      row.cells.back() += c;
    }
  }
  end_row();
  return rows;
}

std::vector<CsvRow> parse_table(const std::string& bytes, const std::string& where) {
  auto text = decode_text(bytes);
  if (!text) {
    throw Error(ErrorKind::usage,
                where + ": expected a CSV, saved as text in UTF-8, got " + kind_of_binary(bytes));
  }
  const auto separator = take_separator_line(*text);
  return parse_csv(*text, separator.value_or(separator_of(*text)));
}

bool begins_formula(std::string_view text) {
  constexpr std::array<std::string_view, 10> kStarts{
      "=",           "+", "-", "@", "\t", "\r", "\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D",
      "\xEF\xBC\xA0"};  // full-width forms
  return text.size() > 1 && !is_arithmetic(text) &&
         std::any_of(kStarts.begin(), kStarts.end(),
                     [&](std::string_view start) { return text.starts_with(start); });
}

std::string csv_cell(const std::string& text) {
  std::string shown = without_formulas(display_text(text));
  const bool outer_space = shown.starts_with(' ') || shown.ends_with(' ');
  if (!outer_space && shown.find_first_of(",\"\r\n") == std::string::npos) return shown;
  std::string cell(1, '"');
  for (const char c : shown) {
    if (c == '"') cell.push_back('"');
    cell.push_back(c);
  }
  cell.push_back('"');
  return cell;
}

std::vector<CsvRow> read_csv(const std::filesystem::path& file, const std::string& where) {
  auto rows = parse_csv(read_file(file));
  if (rows.empty()) {
    throw Error(ErrorKind::unreadable, where + ": expected a header and rows, found none");
  }
  return rows;
}

std::optional<double> number_in(const std::string& cell) {
  try {
    std::size_t used = 0;
    const double value = std::stod(cell, &used);
    if (cell.find_first_not_of(" \t", used) == std::string::npos && std::isfinite(value)) {
      return value;
    }
  } catch (const std::exception&) {  // thrown by stod
  }
  return std::nullopt;
}

std::size_t column_index(const CsvRow& header, const std::vector<std::string>& names,
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
