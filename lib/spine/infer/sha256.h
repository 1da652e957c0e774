#pragma once
#include <filesystem>
#include <string>
#include <string_view>

namespace spine {

/// SHA-256 (FIPS 180-4) of a file's bytes as 64 lower-case hexadecimal digits, as `sha256sum`
/// gives.
/// @throws Error(weights) when the file cannot be read.
std::string weights_sha256(const std::filesystem::path& file);

}  // namespace spine
