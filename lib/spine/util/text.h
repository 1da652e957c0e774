#pragma once
#include <string>

namespace spine {

/// Converts ASCII letters to lower case, independently of the locale.
inline std::string lower_case(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

}  // namespace spine
