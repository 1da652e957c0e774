#pragma once
#include <cstddef>
#include <string_view>

namespace spine {

/// Signature at the start of every PNG.
inline constexpr std::string_view kPngSignature{"\x89PNG\r\n\x1a\n", 8};

/// Bytes of a chunk before its data (length and type) and after it (checksum of type and data).
inline constexpr std::size_t kPngChunkHead = 8, kPngChunkChecksum = 4;

/// Reads a 32-bit big-endian number: a chunk's length or checksum.
inline std::size_t png_number(std::string_view bytes, std::size_t at) {
  std::size_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    number = number << 8U | static_cast<unsigned char>(bytes[at + i]);
  }
  return number;
}

}  // namespace spine
