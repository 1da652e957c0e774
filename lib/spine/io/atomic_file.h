#pragma once
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace spine {

/// Writes a whole file so that a reader sees either the old content or all of the new one: the
/// bytes go to "<name>.tmp-<pid>" in the same folder, which is then renamed. On failure the
/// temporary is removed and an existing file is left as it was.
/// @throws Error(output) naming the file and the system's reason.
void write_file_atomically(const std::filesystem::path& file, std::span<const std::byte> bytes);
void write_file_atomically(const std::filesystem::path& file, std::string_view text);

/// The file's whole content.
/// @throws Error(not_found) when there is no such regular file, Error(unreadable) when it cannot be
/// read.
std::string read_file(const std::filesystem::path& file);

}  // namespace spine
