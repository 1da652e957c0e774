#pragma once
#include <filesystem>
#include <system_error>
#include <vector>

namespace spine {

/// Content of a folder. The functions here do not throw for folders that are unreadable, vanish
/// meanwhile, or contain circular links.
struct FolderListing {
  std::vector<std::filesystem::path> entries;  ///< sorted by name
  std::error_code error;  ///< why the listing is incomplete; no error: it is complete
};
FolderListing list_folder(const std::filesystem::path& folder);

/// Whether a path leads to a folder or a regular file; false if this cannot be determined.
bool is_folder(const std::filesystem::path& path) noexcept;
bool is_file(const std::filesystem::path& path) noexcept;
/// Like is_file(), but true if this cannot be determined, as in a folder without search permission:
/// opening the file then reports the reason.
bool may_be_file(const std::filesystem::path& path) noexcept;

}  // namespace spine
