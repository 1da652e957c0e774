#include "spine/review/http.h"

#include <algorithm>
#include <charconv>

namespace spine::review {
namespace {

/// Decodes percent signs; nullopt if one is not followed by two hexadecimal digits.
std::optional<std::string> decoded(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      result += ' ';
    } else if (text[i] != '%') {
      result += text[i];
    } else {
      unsigned value = 0;
      if (i + 2 >= text.size()) return std::nullopt;
      const char* first = text.data() + i + 1;
      const auto [end, error] = std::from_chars(first, first + 2, value, 16);
      if (error != std::errc{} || end != first + 2) return std::nullopt;
      result += static_cast<char>(value);
      i += 2;
    }
  }
  return result;
}

}  // namespace

std::optional<std::pair<std::string, std::map<std::string, std::string>>> split_target(
    std::string_view target) {
  const auto mark = target.find('?');
  const std::string_view path = target.substr(0, mark);
  if (path.empty() || path.front() != '/' || path.find('%') != std::string_view::npos) {
    return std::nullopt;
  }
  std::map<std::string, std::string> query;
  std::string_view rest =
      mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1);
  while (!rest.empty()) {
    const auto end = std::min(rest.find('&'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    const auto equals = std::min(pair.find('='), pair.size());
    const auto name = decoded(pair.substr(0, equals));
    const auto value = decoded(equals < pair.size() ? pair.substr(equals + 1) : "");
    if (!name || !value) return std::nullopt;
    query[*name] = *value;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return std::pair(std::string(path), query);
}

std::optional<std::string> cookie(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    const auto end = std::min(header.find(';'), header.size());
    std::string_view pair = header.substr(0, end);
    while (!pair.empty() && pair.front() == ' ') pair.remove_prefix(1);
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
      return std::string(pair.substr(equals + 1));
    }
    header.remove_prefix(std::min(end + 1, header.size()));
  }
  return std::nullopt;
}

}  // namespace spine::review
