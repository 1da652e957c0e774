#pragma once
#include <string>

namespace spine {

/// Derives a UID of the form "2.25." and an integer below 2^128 (PS3.5 B.2) from a hash.
/// @param sha256  64 hexadecimal digits
std::string uid_from_hash(const std::string& sha256);

}  // namespace spine
