#pragma once
#include <filesystem>
#include <system_error>
#include <vector>

namespace spine {

/// What a folder holds. The functions here never throw for a folder that cannot be read, vanishes
/// meanwhile, or holds links that lead in a circle.
struct FolderListing {
  std::vector<std::filesystem::path> entries;  ///< in the order of their names
  std::error_code error;  ///< why there may be more of them; none: these are all
};
FolderListing list_folder(const std::filesystem::path& folder);

/// Whether a path leads to a folder or a regular file; false also where that cannot be told.
bool is_folder(const std::filesystem::path& path) noexcept;
bool is_file(const std::filesystem::path& path) noexcept;
/// The same, but true where it cannot be told, as in a folder that must not be searched: whoever
/// then opens the file learns the reason.
bool may_be_file(const std::filesystem::path& path) noexcept;

}  // namespace spine
