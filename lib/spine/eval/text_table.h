#pragma once
#include <optional>
#include <string>
#include <vector>

namespace spine {

/// Formats a number with a fixed number of decimals, independent of the locale; empty for nullopt.
std::string format_number(const std::optional<double>& value, int decimals);

/// A table of text that can be written as Markdown (padded to aligned columns), CSV (RFC 4180) or
/// LaTeX.
class TextTable {
 public:
  explicit TextTable(std::vector<std::string> header);
  /// Appends a row. @throws Error(internal) if its length differs from the header
  void add(std::vector<std::string> row);
  [[nodiscard]] std::string to_markdown() const;
  [[nodiscard]] std::string to_csv() const;
  /// A tabular with the package booktabs: first column left-aligned, the others right-aligned.
  [[nodiscard]] std::string to_latex() const;

 private:
  std::vector<std::vector<std::string>> rows_;  // the header first
};

}  // namespace spine
