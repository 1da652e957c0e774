#include "spine/dataset/study_name.h"

#include <algorithm>

#include "spine/util/csv.h"
#include "spine/util/utf8.h"

namespace spine {

std::string safe_name(std::string_view name) {
  std::string safe = to_printable(name, "_");
  std::replace_if(
      safe.begin(), safe.end(), [](char c) { return c == '/' || c == '\\'; }, '_');
  safe.erase(0, std::min(safe.find_first_not_of('.'), safe.size()));
  for (std::size_t begin = 0; begin < safe.size();) {
    if (std::string_view("=+-@").find(safe[begin]) != std::string_view::npos) {
      safe[begin] = '_';
    } else if (begins_formula(std::string_view(safe).substr(begin))) {
      safe.replace(begin, 3, "_");  // a full-width sign
    }
    const std::size_t end = safe.find(';', begin);
    if (end == std::string::npos) break;
    begin = end + 1;
  }
  constexpr std::size_t kLongest = 180;  // file systems allow 255 bytes
  safe = cut_utf8(std::move(safe), kLongest);
  return safe.empty() ? "film" : safe;
}

}  // namespace spine
