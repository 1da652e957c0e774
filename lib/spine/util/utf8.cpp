#include "spine/util/utf8.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace spine {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

/// Characters of bytes 0x80 to 0x9F in Windows-1252; unassigned ones have no printable character in
/// ISO 8859-1 either.
constexpr std::array<char32_t, 32> kWindows1252{
    0x20AC,       kReplacement, 0x201A, 0x0192, 0x201E, 0x2026,       0x2020, 0x2021,
    0x02C6,       0x2030,       0x0160, 0x2039, 0x0152, kReplacement, 0x017D, kReplacement,
    kReplacement, 0x2018,       0x2019, 0x201C, 0x201D, 0x2022,       0x2013, 0x2014,
    0x02DC,       0x2122,       0x0161, 0x203A, 0x0153, kReplacement, 0x017E, 0x0178};

std::uint32_t byte_at(std::string_view text, std::size_t i) {
  return static_cast<unsigned char>(text[i]);
}

void append(std::string& out, char32_t c) {
  const auto put = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  const auto tail = [&](unsigned shift) { put(0x80U | ((c >> shift) & 0x3FU)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0U | (c >> 6U));
    tail(0);
  } else if (c < 0x10000) {
    put(0xE0U | (c >> 12U));
    tail(6);
    tail(0);
  } else {
    put(0xF0U | (c >> 18U));
    tail(12);
    tail(6);
    tail(0);
  }
}

/// A character and its number of bytes; 0 bytes if not well-formed.
struct Character {
  char32_t code = 0;
  std::size_t size = 0;
};

Character character_at(std::string_view text, std::size_t at) {
  const std::uint32_t first = byte_at(text, at);
  if (first < 0x80) return {first, 1};
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || at + size > text.size()) return {};
  char32_t code = first & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    const std::uint32_t next = byte_at(text, at + i);
    if ((next & 0xC0U) != 0x80U) return {};
    code = code << 6U | (next & 0x3FU);
  }
  constexpr std::array<char32_t, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < kSmallest[size] || code > 0x10FFFF || surrogate) return {};
  return {code, size};
}

/// Calls `use` for every character of a text; malformed bytes are read as Windows-1252.
template <typename Use>
void for_each_character(std::string_view text, Use&& use) {
  for (std::size_t i = 0; i < text.size();) {
    Character c = character_at(text, i);
    if (c.size == 0) {
      const std::uint32_t byte = byte_at(text, i);
      c = {byte < 0xA0 ? kWindows1252[byte - 0x80] : byte, 1};
    }
    use(c.code);
    i += c.size;
  }
}

/// Control characters and those of Unicode's Bidi_Control, Default_Ignorable (zero width) and line
/// separator classes.
bool changes_display(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x061C || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF;
}

/// @param low_first  little-endian
std::string from_utf16(std::string_view bytes, bool low_first) {
  const auto unit_at = [&](std::size_t i) {
    const std::uint32_t a = byte_at(bytes, i), b = byte_at(bytes, i + 1);
    return low_first ? b << 8U | a : a << 8U | b;
  };
  std::string text;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    const char32_t unit = unit_at(i);
    const bool high = unit >= 0xD800 && unit < 0xDC00, low = unit >= 0xDC00 && unit < 0xE000;
    const char32_t next = high && i + 3 < bytes.size() ? unit_at(i + 2) : 0;
    if (next >= 0xDC00 && next < 0xE000) {
      append(text, 0x10000 + ((unit - 0xD800) << 10U) + (next - 0xDC00));
      i += 2;
    } else {
      append(text, high || low ? kReplacement : unit);
    }
  }
  return text;
}

std::string decode_by_mark(std::string_view bytes) {
  if (bytes.starts_with("\xEF\xBB\xBF")) return to_utf8(bytes.substr(3));
  if (bytes.starts_with("\xFF\xFE")) return from_utf16(bytes.substr(2), true);
  if (bytes.starts_with("\xFE\xFF")) return from_utf16(bytes.substr(2), false);
  const auto zero_at = [&](std::size_t i) { return bytes[i] == '\0'; };
  if (bytes.size() >= 4 && zero_at(0) != zero_at(1) && zero_at(0) == zero_at(2) &&
      zero_at(1) == zero_at(3)) {
    return from_utf16(bytes, zero_at(1));
  }
  return to_utf8(bytes);
}

}  // namespace

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t size = character_at(text, i).size;
    if (size == 0) return false;
    i += size;
  }
  return true;
}

std::string to_utf8(std::string_view text) {
  if (is_utf8(text)) return std::string(text);
  std::string out;
  for_each_character(text, [&](char32_t c) { append(out, c); });
  return out;
}

std::optional<std::string> to_windows_1252(std::string_view text) {
  std::string bytes;
  bool known = true;
  for_each_character(text, [&](char32_t c) {
    const auto* other = std::find(kWindows1252.begin(), kWindows1252.end(), c);
    if (c < 0x80 || (c >= 0xA0 && c <= 0xFF)) {
      bytes.push_back(static_cast<char>(c));
    } else if (c != kReplacement && other != kWindows1252.end()) {
      bytes.push_back(static_cast<char>(0x80 + (other - kWindows1252.begin())));
    } else {
      known = false;
    }
  });
  if (!known) return std::nullopt;
  return bytes;
}

std::string to_printable(std::string_view text, std::string_view by) {
  std::string out;
  for_each_character(text, [&](char32_t c) {
    if (changes_display(c)) {
      out += by;
    } else {
      append(out, c);
    }
  });
  return out;
}

std::string cut_utf8(std::string text, std::size_t most_bytes) {
  if (text.size() <= most_bytes) return text;
  std::size_t end = most_bytes;
  while (end > 0 && (byte_at(text, end) & 0xC0U) == 0x80U) --end;
  text.resize(end);
  return text;
}

std::optional<std::string> decode_text(std::string_view bytes) {
  std::string text = decode_by_mark(bytes);
  if (text.find('\0') != std::string::npos) return std::nullopt;
  return text;
}

}  // namespace spine
