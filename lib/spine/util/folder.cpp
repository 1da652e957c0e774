#include "spine/util/folder.h"

#include <algorithm>

namespace spine {

namespace fs = std::filesystem;

FolderListing list_folder(const fs::path& folder) {
  FolderListing listing;
  fs::directory_iterator it(folder, listing.error);
  while (!listing.error && it != fs::directory_iterator()) {
    listing.entries.push_back(it->path());
    it.increment(listing.error);
  }
  std::sort(listing.entries.begin(), listing.entries.end());
  return listing;
}

bool is_folder(const fs::path& path) noexcept {
  std::error_code error;
  return fs::is_directory(path, error);
}

bool is_file(const fs::path& path) noexcept {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

bool may_be_file(const fs::path& path) noexcept {
  std::error_code error;
  const fs::file_type type = fs::status(path, error).type();
  if (type == fs::file_type::not_found) return false;
  return error || type == fs::file_type::regular;
}

}  // namespace spine
