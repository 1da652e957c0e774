#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace spine {

/// A fixed number of decimals, independent of the locale; empty for nullopt.
std::string format_number(const std::optional<double>& value, int decimals);

/// Rows of text that can be written as Markdown (padded, so that it reads well as it is) or as CSV
/// (RFC 4180).
class TextTable {
 public:
  explicit TextTable(std::vector<std::string> header);
  /// @throws Error(internal) for a row of another length than the header's.
  void add(std::vector<std::string> row);
  [[nodiscard]] std::string to_markdown() const;
  [[nodiscard]] std::string to_csv() const;
  /// A tabular of the package booktabs: first column left, the others right.
  [[nodiscard]] std::string to_latex() const;

 private:
  std::vector<std::vector<std::string>> rows_;  // the header first
};

/// Makes a folder and its parents. @throws Error(output).
void make_folder(const std::filesystem::path& folder);

}  // namespace spine
