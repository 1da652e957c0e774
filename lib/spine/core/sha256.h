#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace spine {

/// SHA-256 (FIPS 180-4) as 64 lower-case hexadecimal digits.
std::string sha256_of_text(std::string_view text);

/// Of the file's bytes, as `sha256sum` gives it. @throws Error(not_found | unreadable).
std::string sha256_of_file(const std::filesystem::path& file);

/// Of one file: its own hash. Of several: the hash of one line "<hash>  <file name>" for each.
std::string sha256_of_files(const std::vector<std::filesystem::path>& files);

}  // namespace spine
