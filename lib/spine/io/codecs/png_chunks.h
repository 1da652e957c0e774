#pragma once
#include <cstddef>
#include <string_view>

namespace spine {

/// What every PNG begins with.
inline constexpr std::string_view kPngSignature{"\x89PNG\r\n\x1a\n", 8};

/// A chunk is its length and type, its data and a checksum of type and data, bytes.
inline constexpr std::size_t kPngChunkHead = 8, kPngChunkChecksum = 4;

/// Four bytes of a PNG, the highest first: a chunk's length or checksum.
inline std::size_t png_number(std::string_view bytes, std::size_t at) {
  std::size_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    number = number << 8U | static_cast<unsigned char>(bytes[at + i]);
  }
  return number;
}

}  // namespace spine
