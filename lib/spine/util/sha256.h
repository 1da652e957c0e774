#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace spine {

/// SHA-256 (FIPS 180-4) as 64 lower-case hexadecimal digits.
std::string sha256_of_text(std::string_view text);

/// HMAC-SHA-256 (RFC 2104) of a text, likewise: a hash that nobody can repeat without the key.
std::string hmac_sha256(std::string_view key, std::string_view text);

/// Of the file's bytes, as `sha256sum` gives it. @throws Error(not_found | unreadable).
std::string sha256_of_file(const std::filesystem::path& file);

/// The exclusive or of two hashes: hashes of many things as one, in whatever order, so that parts
/// can be joined later. An empty one stands for nothing yet.
std::string joined_hashes(const std::string& a, const std::string& b);

/// Of one file: its own hash. Of several: the hash of one line "<hash>  <file name>" for each.
std::string sha256_of_files(const std::vector<std::filesystem::path>& files);

}  // namespace spine
