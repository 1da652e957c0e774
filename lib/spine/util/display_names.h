#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace spine {

/// Placeholders for the paths of a command line in all output, since paths may contain patient
/// names.
///
/// Parents of an added path are replaced too ("OUT/.."), and so is anything below it, unless it was
/// added with Below::shown. Paths are recognised by their absolute form, which cannot be confused
/// with other words; relative paths must therefore be made absolute (std::filesystem::absolute())
/// before use. Without entries, texts are unchanged.
class DisplayNames {
 public:
  /// Treatment of the rest of a path, below an added folder.
  enum class Below { hidden, shown };

  /// @param path  as given; its absolute, normalised and canonical forms are recognised, with and
  ///     without a trailing slash
  /// @param name  the placeholder, e.g. "OUT"
  void add(const std::filesystem::path& path, const std::string& name, Below below = Below::hidden);

  /// Adds a word that is replaced wherever it is delimited, such as a rejected value.
  void add_word(const std::string& word, const std::string& name);

  /// Placeholder of a path that was added itself; nullopt otherwise.
  [[nodiscard]] std::optional<std::string> name_of(const std::filesystem::path& path) const;

  /// Returns the text with all added paths and words replaced by their placeholders.
  [[nodiscard]] std::string operator()(const std::string& text) const;

  [[nodiscard]] bool empty() const { return entries_.empty() && words_.empty(); }

 private:
  struct Entry {
    std::string name;
    Below below = Below::hidden;
    bool above = false;  ///< parent of an added path
  };
  struct Match {
    std::size_t end = 0;
    const Entry* entry = nullptr;
  };
  [[nodiscard]] Match longest_match(const std::string& text, std::size_t begin) const;
  [[nodiscard]] std::string with_paths_replaced(const std::string& text) const;

  std::unordered_map<std::string, Entry> entries_;  ///< by absolute path without a trailing slash
  std::vector<std::pair<std::string, std::string>> words_;
};

}  // namespace spine
