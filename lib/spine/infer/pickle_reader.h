#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "spine/core/error.h"

namespace spine {

/// The operands in the bytes of a pickle, read from front to back.
class PickleReader {
 public:
  /// @param bytes, where  must outlive the reader; `where` is named in errors
  PickleReader(std::string_view bytes, const std::string& where) : bytes_(bytes), where_(where) {}

  /// @throws Error(weights)
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorKind::weights, where_ + ": " + what);
  }

  /// The next bytes. @throws Error(weights) if there are fewer, as do all others
  std::string_view take(std::uint64_t count) {
    if (count > bytes_.size() - at_) fail("truncated pickle");
    const std::string_view part = bytes_.substr(at_, count);
    at_ += count;
    return part;
  }
  /// A little-endian unsigned number of `count` bytes, at most 8.
  std::uint64_t number(std::size_t count) {
    const std::string_view part = take(count);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      value |= std::uint64_t{static_cast<unsigned char>(part[i])} << (8 * i);
    }
    return value;
  }
  /// A little-endian number in two's complement, after its length in bytes.
  std::int64_t long_number() {
    const auto count = static_cast<std::size_t>(number(1));
    if (count > 8) fail("integer of more than 64 bits");
    if (count == 0) return 0;
    std::uint64_t value = number(count);
    const std::uint64_t sign = std::uint64_t{1} << (8 * count - 1);
    if (count < 8 && (value & sign) != 0) value |= ~std::uint64_t{0} << (8 * count);
    return std::bit_cast<std::int64_t>(value);
  }
  double big_endian_double() {
    std::uint64_t bits = 0;
    for (const char c : take(8)) bits = bits << 8U | static_cast<unsigned char>(c);
    return std::bit_cast<double>(bits);
  }
  /// Text up to a newline, which is taken too.
  std::string line() {
    const auto end = bytes_.find('\n', at_);
    if (end == std::string_view::npos) fail("truncated pickle");
    std::string text(bytes_.substr(at_, end - at_));
    at_ = end + 1;
    return text;
  }

 private:
  std::string_view bytes_;
  const std::string& where_;
  std::size_t at_ = 0;
};

}  // namespace spine
