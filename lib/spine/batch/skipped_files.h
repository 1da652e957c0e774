#pragma once
#include <filesystem>
#include <optional>
#include <vector>

#include "spine/batch/inputs.h"

namespace spine::batch {

/// In OUT: the files in folders that look like nothing that is read.
inline constexpr const char* kSkipped = "skipped_files.csv";

/// @throws Error(usage) when there is a file of this name that is not this project's.
void check_skipped(const std::filesystem::path& output);

/// Writes the list, "file,reason"; where it is empty removes that of an earlier run. A file that is
/// not this project's is only ever replaced, never removed. @throws Error(output).
void write_skipped(const std::filesystem::path& output, const std::vector<SkippedFile>& files);

/// Whether there is a list of this project that ends otherwise than with a whole line.
bool is_skipped_list_cut_off(const std::filesystem::path& output);

/// How many files the list names; nullopt where there is none of this project.
std::optional<std::size_t> count_skipped(const std::filesystem::path& output);

}  // namespace spine::batch
