#pragma once
#include <cstdint>
#include <string>
#include <string_view>

// DICOM files for tests, assembled byte by byte where no library writes the required form.

namespace spine::test {

struct ByteOrder {
  bool explicit_vr = true;
  bool big_endian = false;
};

inline std::string number_bytes(std::uint32_t value, int count, bool big_endian) {
  std::string bytes;
  for (int i = 0; i < count; ++i) {
    const int shift = 8 * (big_endian ? count - 1 - i : i);
    bytes += static_cast<char>(value >> shift & 0xFFU);
  }
  return bytes;
}

inline std::string tag_header(std::uint32_t group, std::uint32_t element, std::uint32_t length,
                              bool big_endian = false) {
  return number_bytes(group, 2, big_endian) + number_bytes(element, 2, big_endian) +
         number_bytes(length, 4, big_endian);
}

constexpr std::uint32_t kOpenLength = 0xFFFFFFFF;

/// Header of an element, to be followed by its value.
inline std::string element_header(std::uint32_t group, std::uint32_t element, std::string_view vr,
                                  std::uint32_t length, ByteOrder order = {}) {
  if (!order.explicit_vr) return tag_header(group, element, length, order.big_endian);
  const std::string start = tag_header(group, element, 0, order.big_endian).substr(0, 4);
  const bool is_long = vr == "OB" || vr == "OW" || vr == "SQ" || vr == "UN" || vr == "UT";
  return start + std::string(vr) +
         (is_long ? std::string(2, '\0') + number_bytes(length, 4, order.big_endian)
                  : number_bytes(length, 2, order.big_endian));
}

inline std::string element_bytes(std::uint32_t group, std::uint32_t element, std::string_view vr,
                                 std::string value, ByteOrder order = {}) {
  if (value.size() % 2 != 0) value += vr == "UI" ? '\0' : ' ';
  return element_header(group, element, vr, static_cast<std::uint32_t>(value.size()), order) +
         value;
}

inline std::string word_bytes(std::uint32_t group, std::uint32_t element, int value,
                              ByteOrder order = {}) {
  return element_bytes(group, element, "US",
                       number_bytes(static_cast<std::uint32_t>(value), 2, order.big_endian), order);
}

/// Preamble, "DICM" and a meta header.
inline std::string meta_header(const std::string& syntax) {
  return std::string(128, '\0') + "DICM" +
         element_bytes(0x0002, 0x0002, "UI", "1.2.840.10008.5.1.4.1.1.1") +
         element_bytes(0x0002, 0x0010, "UI", syntax);
}

/// A data set up to its pixels: a film of 64x80 pixels of 8 bits.
inline std::string small_header(ByteOrder order = {}) {
  return element_bytes(0x0008, 0x0016, "UI", "1.2.840.10008.5.1.4.1.1.1", order) +
         element_bytes(0x0008, 0x0060, "CS", "CR", order) + word_bytes(0x0028, 0x0002, 1, order) +
         element_bytes(0x0028, 0x0004, "CS", "MONOCHROME2", order) +
         word_bytes(0x0028, 0x0010, 80, order) + word_bytes(0x0028, 0x0011, 64, order) +
         word_bytes(0x0028, 0x0100, 8, order) + word_bytes(0x0028, 0x0101, 8, order) +
         word_bytes(0x0028, 0x0102, 7, order) + word_bytes(0x0028, 0x0103, 0, order) +
         element_bytes(0x0028, 0x1050, "DS", "128", order) +
         element_bytes(0x0028, 0x1051, "DS", "256", order);
}

inline std::string small_values() {
  std::string pixels;
  for (int i = 0; i < 64 * 80; ++i) pixels += static_cast<char>(i % 64 * 3 + i / 64);
  return pixels;
}

inline std::string small_pixels(ByteOrder order = {}) {
  return element_bytes(0x7FE0, 0x0010, "OB", small_values(), order);
}

/// `depth` nested sequences. Private ones have no known representation.
inline std::string nested(int depth, std::string_view vr = "SQ", ByteOrder order = {},
                          std::uint32_t group = 0x0040) {
  std::string bytes;
  for (int i = 0; i < depth; ++i) {
    // Within a sequence of unknown representation all elements are implicit.
    const ByteOrder inner = vr == "UN" && i > 0 ? ByteOrder{false, false} : order;
    bytes += element_header(group, 0xA730, vr, kOpenLength, inner) +
             tag_header(0xFFFE, 0xE000, kOpenLength, order.big_endian);
  }
  for (int i = 0; i < depth; ++i) {
    bytes += tag_header(0xFFFE, 0xE00D, 0, order.big_endian) +
             tag_header(0xFFFE, 0xE0DD, 0, order.big_endian);
  }
  return bytes;
}

/// Like nested(), with explicit lengths.
inline std::string nested_with_lengths(int depth, std::string_view vr = "SQ",
                                       ByteOrder order = {}) {
  std::string bytes;
  for (int i = 0; i < depth; ++i) {
    const std::string item =
        tag_header(0xFFFE, 0xE000, static_cast<std::uint32_t>(bytes.size()), order.big_endian) +
        bytes;
    bytes =
        element_header(0x0040, 0xA730, vr, static_cast<std::uint32_t>(item.size()), order) + item;
  }
  return bytes;
}

constexpr const char* kImplicitSyntax = "1.2.840.10008.1.2";
constexpr const char* kExplicitSyntax = "1.2.840.10008.1.2.1";
constexpr const char* kBigEndianSyntax = "1.2.840.10008.1.2.2";

}  // namespace spine::test
