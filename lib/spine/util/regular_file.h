#pragma once
#include <filesystem>

namespace spine {

/// Opening a pipe or a device may wait for ever, so every reader asks this first.
/// @throws Error(not_found | unreadable), saying what there is instead, unless the path leads to a
/// regular file.
void require_regular_file(const std::filesystem::path& file);

}  // namespace spine
