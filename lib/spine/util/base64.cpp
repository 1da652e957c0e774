#include "spine/util/base64.h"

#include <algorithm>
#include <cstddef>

#include <openssl/evp.h>

namespace spine {

std::string base64(std::string_view bytes) {
  constexpr std::size_t kPart = std::size_t{3} << 20U;  // whole groups of three; int is enough
  std::string result;
  result.reserve(bytes.size() / 3 * 4 + 5);
  for (std::size_t begin = 0; begin < bytes.size(); begin += kPart) {
    const std::string_view part = bytes.substr(begin, kPart);
    std::string encoded((part.size() + 2) / 3 * 4 + 1, '\0');
    const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                                       reinterpret_cast<const unsigned char*>(part.data()),
                                       static_cast<int>(part.size()));
    result.append(encoded, 0, static_cast<std::size_t>(length));
  }
  return result;
}

}  // namespace spine
