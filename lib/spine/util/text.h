#pragma once
#include <string>

namespace spine {

/// ASCII letters to lower case, whatever the locale; for names of files, columns and codes.
inline std::string lower_case(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

}  // namespace spine
