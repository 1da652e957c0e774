#include "spine/io/codecs/exif.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdint>

namespace spine {
namespace {

constexpr std::string_view kPrefix("Exif\0", 5);  // followed by a sixth byte of any value

constexpr std::uint32_t kOrientation = 274, kXResolution = 282, kYResolution = 283;
constexpr std::uint32_t kByte = 1, kShort = 3, kLong = 4, kRational = 5;

/// Reads numbers in the block's byte order; 0 beyond its end.
class Block {
 public:
  Block(std::string_view bytes, bool low_first) : bytes_(bytes), low_first_(low_first) {}

  [[nodiscard]] bool holds(std::uint64_t at, std::uint64_t size) const {
    return at <= bytes_.size() && size <= bytes_.size() - at;
  }
  [[nodiscard]] std::uint32_t number(std::uint64_t at, std::uint64_t size) const {
    if (!holds(at, size)) return 0;
    std::uint32_t value = 0;
    for (std::uint64_t i = 0; i < size; ++i) {
      const std::uint64_t place = low_first_ ? at + size - 1 - i : at + i;
      value = value << 8U | static_cast<unsigned char>(bytes_[place]);
    }
    return value;
  }

 private:
  std::string_view bytes_;
  bool low_first_;
};

/// A directory entry: tag, type, number of values, then the value or its offset.
struct Entry {
  const Block& block;
  std::uint64_t at;

  [[nodiscard]] std::uint32_t tag() const { return block.number(at, 2); }
  [[nodiscard]] std::uint32_t type() const { return block.number(at + 2, 2); }
  [[nodiscard]] std::uint32_t count() const { return block.number(at + 4, 4); }

  [[nodiscard]] std::optional<int> integer() const {
    if (count() != 1) return std::nullopt;
    if (type() == kByte) return static_cast<int>(block.number(at + 8, 1));
    if (type() == kShort) return static_cast<int>(block.number(at + 8, 2));
    if (type() == kLong) return static_cast<int>(std::min(block.number(at + 8, 4), 0xFFFFU));
    return std::nullopt;
  }

  [[nodiscard]] std::optional<double> ratio() const {
    if (type() != kRational || count() != 1) return std::nullopt;
    const std::uint64_t where = block.number(at + 8, 4);
    if (!block.holds(where, 8)) return std::nullopt;
    const double divisor = block.number(where + 4, 4);
    return divisor > 0 ? block.number(where, 4) / divisor : 0.0;
  }
};

template <typename T>
void keep_first(std::optional<T>& kept, const std::optional<T>& next) {
  if (!kept) kept = next;
}

}  // namespace

ExifTags read_exif(std::string_view block) {
  if (block.starts_with(kPrefix)) block.remove_prefix(std::min<std::size_t>(6, block.size()));
  const bool low_first = block.starts_with("II");
  if (!low_first && !block.starts_with("MM")) return {};
  const Block numbers(block, low_first);
  if (numbers.number(2, 2) != 42) return {};
  const std::uint64_t directory = numbers.number(4, 4);
  const std::uint64_t entries = numbers.number(directory, 2);
  ExifTags tags;
  for (std::uint64_t i = 0; i < entries; ++i) {
    const Entry entry{numbers, directory + 2 + 12 * i};
    if (!numbers.holds(entry.at, 12)) break;
    if (entry.tag() == kOrientation) keep_first(tags.orientation, entry.integer());
    if (entry.tag() == kXResolution) keep_first(tags.x_resolution, entry.ratio());
    if (entry.tag() == kYResolution) keep_first(tags.y_resolution, entry.ratio());
  }
  if (!tags.x_resolution || !tags.y_resolution) tags.x_resolution = tags.y_resolution = {};
  return tags;
}

std::string raw_profile(std::string_view text) {
  const auto skip = [&](auto&& belongs) {
    std::size_t n = 0;
    while (n < text.size() && belongs(static_cast<unsigned char>(text[n]))) ++n;
    text.remove_prefix(n);
  };
  const auto is_space = [](unsigned char c) { return std::isspace(c) != 0; };
  const auto is_word = [](unsigned char c) { return std::isspace(c) == 0; };
  skip(is_space);
  skip(is_word);
  skip(is_space);
  std::size_t size = 0;
  const auto length = std::from_chars(text.data(), text.data() + text.size(), size);
  if (length.ec != std::errc()) return {};
  text.remove_prefix(static_cast<std::size_t>(length.ptr - text.data()));
  std::string digits;
  std::copy_if(text.begin(), text.end(), std::back_inserter(digits),
               [](unsigned char c) { return std::isxdigit(c) != 0; });
  if (size > digits.size() / 2) return {};
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) {
    unsigned value = 0;
    std::from_chars(digits.data() + 2 * i, digits.data() + 2 * i + 2, value, 16);
    bytes[i] = static_cast<char>(value);
  }
  return bytes;
}

}  // namespace spine
