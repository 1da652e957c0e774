#pragma once
#include <filesystem>

namespace spine {

/// Requires a regular file. Called before opening, since opening a pipe or a device may block.
/// @throws Error(not_found | unreadable) naming what was found instead
void require_regular_file(const std::filesystem::path& file);

}  // namespace spine
