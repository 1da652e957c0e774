#include "spine/core/sha256.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>

#include <openssl/evp.h>

#include "spine/core/error.h"
#include "spine/core/regular_file.h"

namespace spine {
namespace {

class Hasher {
 public:
  Hasher() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1) {
      throw Error(ErrorKind::internal, "hash: SHA-256 is not available in libcrypto");
    }
  }
  void add(const void* data, std::size_t size) { EVP_DigestUpdate(context_.get(), data, size); }
  std::string hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    EVP_DigestFinal_ex(context_.get(), digest.data(), &size);
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (unsigned int i = 0; i < size; ++i) {
      text += digits[digest[i] >> 4U];
      text += digits[digest[i] & 15U];
    }
    return text;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

}  // namespace

std::string sha256_of_text(std::string_view text) {
  Hasher hasher;
  hasher.add(text.data(), text.size());
  return hasher.hex();
}

std::string sha256_of_file(const std::filesystem::path& file) {
  require_regular_file(file);
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  Hasher hasher;
  std::array<char, 1 << 16> buffer{};
  while (stream.read(buffer.data(), buffer.size()) || stream.gcount() > 0) {
    hasher.add(buffer.data(), static_cast<std::size_t>(stream.gcount()));
  }
  if (!stream.eof()) {
    const std::string reason = errno != 0 ? std::strerror(errno) : "it cannot be read";
    throw Error(ErrorKind::unreadable,
                "read " + file.string() + ": expected a readable file, got: " + reason);
  }
  return hasher.hex();
}

std::string sha256_of_files(const std::vector<std::filesystem::path>& files) {
  if (files.size() == 1) return sha256_of_file(files.front());
  std::string lines;
  for (const auto& file : files) {
    lines += sha256_of_file(file) + "  " + file.filename().string() + "\n";
  }
  return sha256_of_text(lines);
}

}  // namespace spine
