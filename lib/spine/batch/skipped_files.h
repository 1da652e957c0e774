#pragma once
#include <filesystem>
#include <optional>
#include <vector>

#include "spine/batch/inputs.h"

namespace spine::batch {

/// The list in OUT of files in input folders of no supported format.
inline constexpr const char* kSkipped = "skipped_files.csv";

/// Checks that the list may be written.
/// @throws Error(usage) if there is a file of this name that this toolkit did not write
void check_skipped(const std::filesystem::path& output);

/// Writes the list, columns "file,reason"; an empty list removes that of an earlier run. A file of
/// other origin may be replaced but is never removed.
/// @throws Error(output)
void write_skipped(const std::filesystem::path& output, const std::vector<SkippedFile>& files);

/// Whether there is a list of this toolkit that does not end with a complete line.
bool is_skipped_list_cut_off(const std::filesystem::path& output);

/// The number of files in the list; nullopt if there is none of this toolkit.
std::optional<std::size_t> count_skipped(const std::filesystem::path& output);

}  // namespace spine::batch
