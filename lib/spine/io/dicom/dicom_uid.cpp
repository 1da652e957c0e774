#include "spine/io/dicom/dicom_uid.h"

#include <cstdint>

namespace spine {

std::string uid_from_hash(const std::string& sha256) {
  // A leading 1 and two numbers of 18 decimal digits stay below 2^128.
  constexpr std::uint64_t kLimit = 1'000'000'000'000'000'000;
  const auto decimal = [&](std::size_t at) {
    const auto digits = std::to_string(std::stoull(sha256.substr(at, 16), nullptr, 16) % kLimit);
    return std::string(18 - digits.size(), '0') + digits;
  };
  return "2.25.1" + decimal(0) + decimal(16);
}

}  // namespace spine
