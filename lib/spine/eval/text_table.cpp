#include "spine/eval/text_table.h"

#include <algorithm>
#include <locale>
#include <sstream>

#include "spine/core/error.h"
#include "spine/util/csv.h"
#include "spine/util/utf8.h"

namespace spine {

namespace {

/// Escapes LaTeX special characters.
std::string latex(const std::string& cell) {
  std::string text;
  for (const char c : cell) {
    if (c == '\\') {
      text += "\\textbackslash{}";
    } else if (c == '~' || c == '^') {
      text += std::string("\\") + c + "{}";
    } else {
      if (std::string("&%$#_{}").find(c) != std::string::npos) text += '\\';
      text += c;
    }
  }
  return text;
}

/// Number of characters in UTF-8 text: bytes that are not continuation bytes.
std::size_t letters(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

}  // namespace

std::string format_number(const std::optional<double>& value, int decimals) {
  if (!value) return "";
  std::ostringstream text;
  text.imbue(std::locale::classic());
  text.setf(std::ios::fixed);
  text.precision(decimals);
  text << *value;
  return text.str();
}

TextTable::TextTable(std::vector<std::string> header) { rows_.push_back(std::move(header)); }

void TextTable::add(std::vector<std::string> row) {
  if (row.size() != rows_.front().size()) {
    throw Error(ErrorKind::internal, "table: expected " + std::to_string(rows_.front().size()) +
                                         " cells, got " + std::to_string(row.size()));
  }
  for (auto& cell : row) cell = to_utf8(cell);
  rows_.push_back(std::move(row));
}

std::string TextTable::to_markdown() const {
  std::vector<std::size_t> widths(rows_.front().size(), 3);
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], letters(row[i]));
  }
  std::string text;
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    for (std::size_t i = 0; i < widths.size(); ++i) {
      text += "| ";
      text += rows_[r][i];
      text.append(widths[i] - letters(rows_[r][i]) + 1, ' ');
    }
    text += "|\n";
    if (r > 0) continue;
    for (const std::size_t width : widths) text.append("|").append(width + 2, '-');
    text += "|\n";
  }
  return text;
}

std::string TextTable::to_csv() const {
  std::string text;
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) text.push_back(',');
      text += csv_cell(row[i]);
    }
    text.push_back('\n');
  }
  return text;
}

std::string TextTable::to_latex() const {
  std::string text =
      "\\begin{tabular}{l" + std::string(rows_.front().size() - 1, 'r') + "}\n\\toprule\n";
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    for (std::size_t i = 0; i < rows_[r].size(); ++i) {
      text += (i > 0 ? " & " : "") + latex(rows_[r][i]);
    }
    text += " \\\\\n";
    if (r == 0) text += "\\midrule\n";
  }
  return text + "\\bottomrule\n\\end{tabular}\n";
}

}  // namespace spine
