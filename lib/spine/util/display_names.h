#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace spine {

/// What the folders and files of a command line are called in all that is printed and written:
/// paths may hold names of patients.
///
/// Every folder above a file that was added is replaced too ("OUT/.."), and so is what stands below
/// it, unless that was added as shown. Paths in texts are found by their absolute form, which no
/// other word can be taken for; whoever adds a relative path therefore works with
/// std::filesystem::absolute() of it. Without entries a text stays as it is.
class DisplayNames {
 public:
  /// What becomes of the rest of a path, below a folder that was added.
  enum class Below { hidden, shown };

  /// @param path  as it was given: its absolute, normalised and canonical forms are known then,
  ///              each with and without a slash at its end
  /// @param name  what stands for it, e.g. "OUT"
  void add(const std::filesystem::path& path, const std::string& name, Below below = Below::hidden);

  /// A word that is replaced wherever it stands by itself, such as a value that was refused.
  void add_word(const std::string& word, const std::string& name);

  /// The name of a path that was added itself.
  [[nodiscard]] std::optional<std::string> name_of(const std::filesystem::path& path) const;

  /// A text in which all that was added, and nothing else, is called by its name.
  [[nodiscard]] std::string operator()(const std::string& text) const;

  [[nodiscard]] bool empty() const { return entries_.empty() && words_.empty(); }

 private:
  struct Entry {
    std::string name;
    Below below = Below::hidden;
    bool above = false;  ///< of something that was added
  };
  struct Match {
    std::size_t end = 0;
    const Entry* entry = nullptr;
  };
  [[nodiscard]] Match longest_match(const std::string& text, std::size_t begin) const;
  [[nodiscard]] std::string with_paths_replaced(const std::string& text) const;

  std::unordered_map<std::string, Entry> entries_;  ///< by absolute path without a slash at its end
  std::vector<std::pair<std::string, std::string>> words_;
};

}  // namespace spine
