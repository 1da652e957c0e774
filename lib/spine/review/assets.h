#pragma once
#include <string_view>

namespace spine::review {

/// A file of the page, embedded in the program by lib/cmake/SpineEmbed.cmake.
struct Asset {
  std::string_view name;  ///< "index.html"
  std::string_view type;  ///< "text/html; charset=utf-8"
  std::string_view content;
};

/// The file of this name; nullptr if there is none. Names are those of a fixed table.
const Asset* find_asset(std::string_view name);

}  // namespace spine::review
