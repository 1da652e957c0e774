#include "spine/util/sha256.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "spine/core/error.h"
#include "spine/util/regular_file.h"

namespace spine {
namespace {

std::string hex(const unsigned char* bytes, unsigned int size) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (unsigned int i = 0; i < size; ++i) {
    text += digits[bytes[i] >> 4U];
    text += digits[bytes[i] & 15U];
  }
  return text;
}

class Hasher {
 public:
  Hasher() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1) {
      throw Error(ErrorKind::internal, "hash: SHA-256 is not available in libcrypto");
    }
  }
  void add(const void* data, std::size_t size) { EVP_DigestUpdate(context_.get(), data, size); }
  std::string digest() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned int size = 0;
    EVP_DigestFinal_ex(context_.get(), bytes.data(), &size);
    return hex(bytes.data(), size);
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

}  // namespace

std::string sha256_of_text(std::string_view text) {
  Hasher hasher;
  hasher.add(text.data(), text.size());
  return hasher.digest();
}

std::string hmac_sha256(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int size = 0;
  const auto* message = reinterpret_cast<const unsigned char*>(text.data());
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), message, text.size(),
           bytes.data(), &size) == nullptr) {
    throw Error(ErrorKind::internal, "hash: HMAC is not available in libcrypto");
  }
  return hex(bytes.data(), size);
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
  return hasher.digest();
}

std::string joined_hashes(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty()) return a + b;
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string joined(a.size(), '0');
  for (std::size_t i = 0; i < joined.size() && i < b.size(); ++i) {
    joined[i] = digits[(digits.find(a[i]) ^ digits.find(b[i])) & 15U];
  }
  return joined;
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
