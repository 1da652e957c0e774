#include "spine/util/display_names.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <system_error>

namespace spine {
namespace {

namespace fs = std::filesystem;

bool is_word_character(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
         byte >= 0x80;
}

/// Whether a path may end before this character: it is not part of a longer file name.
bool may_end_before(const std::string& text, std::size_t at) {
  return at >= text.size() || !(is_word_character(text[at]) || text[at] == '-');
}

bool may_begin_at(const std::string& text, std::size_t at) {
  if (text[at] != '/') return false;
  if (at == 0) return true;
  const char before = text[at - 1];
  return !is_word_character(before) && before != '/' && before != '.' && before != '-';
}

std::string without_last_slash(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

/// All absolute forms of a path.
std::set<std::string> forms_of(const fs::path& path) {
  std::error_code error;
  const fs::path absolute = fs::absolute(path, error);
  if (error) return {};
  std::set<std::string> forms{without_last_slash(absolute.string()),
                              without_last_slash(absolute.lexically_normal().string())};
  const fs::path canonical = fs::weakly_canonical(absolute, error);
  if (!error) forms.insert(without_last_slash(canonical.string()));
  forms.erase("/");
  return forms;
}

/// Whether the path continues beyond the known part: with further names, or the suffix of a
/// temporary file.
bool goes_on(const std::string& text, std::size_t at) {
  if (at + 1 >= text.size()) return false;
  if (text[at] == '.') return is_word_character(text[at + 1]);
  return text[at] == '/' && std::string_view(" \":,;]\t\n").find(text[at + 1]) == std::string::npos;
}

/// End of the rest of a path, which starts with a slash at `begin`: the longest existing part,
/// otherwise up to where messages continue after a path.
std::size_t end_of_rest(const std::string& text, std::size_t path_begin, std::size_t begin) {
  std::error_code ignored;
  for (std::size_t end = text.size(); end > begin + 1; --end) {
    if (!may_end_before(text, end) && text[end] != '/') continue;
    if (fs::exists(fs::symlink_status(text.substr(path_begin, end - path_begin), ignored))) {
      return end;
    }
  }
  std::size_t end = text.size();
  for (const std::string_view stop : {": ", "\"", "]", ", expected", ", got", "; ", "\t", "\n"}) {
    end = std::min(end, text.find(stop, begin));
  }
  return end;
}

/// Replaces a word that is delimited on both sides.
std::string with_word_replaced(const std::string& text, const std::string& word,
                               const std::string& name) {
  std::string result;
  std::size_t from = 0;
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    if (at < from) continue;
    const std::size_t end = at + word.size();
    const bool begins = at == 0 || !is_word_character(text[at - 1]) || !is_word_character(word[0]);
    const bool ends =
        end == text.size() || !is_word_character(text[end]) || !is_word_character(word.back());
    if (!begins || !ends) continue;
    result.append(text, from, at - from).append(name);
    from = end;
  }
  return result.append(text, from);
}

}  // namespace

void DisplayNames::add(const fs::path& path, const std::string& name, Below below) {
  if (path.empty()) return;
  for (const std::string& form : forms_of(path)) {
    const auto [known, is_new] = entries_.emplace(form, Entry{name, below, false});
    if (!is_new && known->second.above) known->second = Entry{name, below, false};
    std::string up = name;
    for (fs::path above = fs::path(form).parent_path(); above.has_relative_path();
         above = above.parent_path()) {
      up += "/..";
      entries_.emplace(without_last_slash(above.string()), Entry{up, Below::hidden, true});
    }
  }
}

void DisplayNames::add_word(const std::string& word, const std::string& name) {
  if (!word.empty()) words_.emplace_back(word, name);
}

std::optional<std::string> DisplayNames::name_of(const fs::path& path) const {
  for (const std::string& form : forms_of(path)) {
    const auto entry = entries_.find(form);
    if (entry != entries_.end() && !entry->second.above) return entry->second.name;
  }
  return std::nullopt;
}

DisplayNames::Match DisplayNames::longest_match(const std::string& text, std::size_t begin) const {
  Match match;
  for (std::size_t end = begin + 2; end <= text.size(); ++end) {
    if (!may_end_before(text, end)) continue;
    const auto entry = entries_.find(text.substr(begin, end - begin));
    if (entry != entries_.end()) match = {end, &entry->second};
  }
  return match;
}

std::string DisplayNames::with_paths_replaced(const std::string& text) const {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const Match match = may_begin_at(text, at) ? longest_match(text, at) : Match{};
    if (match.entry == nullptr) {
      result += text[at++];
      continue;
    }
    result += match.entry->name;
    const bool hidden = goes_on(text, match.end) && match.entry->below == Below::hidden;
    if (hidden && text[match.end] == '/') result += "/*";
    at = hidden ? end_of_rest(text, at, match.end) : match.end;
  }
  return result;
}

std::string DisplayNames::operator()(const std::string& text) const {
  std::string shown = entries_.empty() ? text : with_paths_replaced(text);
  for (const auto& [word, name] : words_) shown = with_word_replaced(shown, word, name);
  return shown;
}

}  // namespace spine
