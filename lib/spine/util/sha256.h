#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace spine {

/// SHA-256 (FIPS 180-4) as 64 lower-case hexadecimal digits. @throws Error(internal)
std::string sha256_of_text(std::string_view text);

/// HMAC-SHA-256 (RFC 2104) as 64 lower-case hexadecimal digits. @throws Error(internal)
std::string hmac_sha256(std::string_view key, std::string_view text);

/// SHA-256 of a file's content, as by `sha256sum`. @throws Error(not_found | unreadable)
std::string sha256_of_file(const std::filesystem::path& file);

/// Exclusive or of two hashes. Combines hashes of a set independently of order, so that partial
/// results can be merged. An empty string is the neutral element.
std::string joined_hashes(const std::string& a, const std::string& b);

/// For one file, its SHA-256; for several, the SHA-256 of one line "<hash>  <file name>" per file.
/// @throws Error(not_found | unreadable)
std::string sha256_of_files(const std::vector<std::filesystem::path>& files);

}  // namespace spine
