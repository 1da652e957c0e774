#include "spine/io/codecs/tiff_writer.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace spine {
namespace {

using Bytes = std::vector<std::byte>;

// TIFF 6.0, little-endian: header, then for each page its strips and its directory.
enum class FieldType : std::uint16_t { ascii = 2, word = 3, dword = 4 };

void put16(Bytes& out, std::uint32_t value) {
  out.push_back(static_cast<std::byte>(value & 0xFFU));
  out.push_back(static_cast<std::byte>((value >> 8U) & 0xFFU));
}

void put32(Bytes& out, std::uint32_t value) {
  put16(out, value & 0xFFFFU);
  put16(out, value >> 16U);
}

void set32(Bytes& out, std::size_t position, std::uint32_t value) {
  for (unsigned i = 0; i < 4; ++i) {
    out[position + i] = static_cast<std::byte>((value >> (8U * i)) & 0xFFU);
  }
}

std::uint32_t offset_of_end(Bytes& out) {
  if (out.size() % 2 != 0) out.push_back(std::byte{0});  // offsets must be even
  return static_cast<std::uint32_t>(out.size());
}

/// Length of the run of equal bytes that starts at `begin`. Compares eight bytes at a time, since
/// masks consist mostly of runs.
std::size_t run_length(const std::uint8_t* begin, const std::uint8_t* end) {
  std::uint64_t pattern = 0;
  std::memset(&pattern, *begin, sizeof(pattern));
  const auto* p = begin;
  while (end - p >= 8) {
    std::uint64_t next = 0;
    std::memcpy(&next, p, sizeof(next));
    if (next != pattern) break;
    p += 8;
  }
  while (p < end && *p == *begin) ++p;
  return static_cast<std::size_t>(p - begin);
}

/// Appends a row in PackBits (TIFF 6.0, section 9): a count byte n in 0..127 is followed by n + 1
/// literal bytes; n in 129..255 repeats the next byte 257 - n times.
void pack_row(const std::uint8_t* row, std::size_t width, Bytes& out) {
  constexpr std::size_t kLongest = 128;
  const auto* const end = row + width;
  const auto* literal = row;
  const auto flush_literals = [&](const std::uint8_t* until) {
    while (literal < until) {
      const auto count = std::min(kLongest, static_cast<std::size_t>(until - literal));
      out.push_back(static_cast<std::byte>(count - 1));
      for (std::size_t i = 0; i < count; ++i) out.push_back(static_cast<std::byte>(literal[i]));
      literal += count;
    }
  };
  for (const auto* p = row; p < end;) {
    const std::size_t run = run_length(p, end);
    if (run >= 3) {
      flush_literals(p);
      for (std::size_t left = run; left > 0;) {
        const auto count = std::min(kLongest, left);
        // A run of length one is written as a literal.
        out.push_back(static_cast<std::byte>(count == 1 ? 0 : 257 - count));
        out.push_back(static_cast<std::byte>(*p));
        left -= count;
      }
      literal = p + run;
    }
    p += run;
  }
  flush_literals(end);
}

struct Field {
  std::uint16_t tag;
  FieldType type;
  std::uint32_t count;
  std::uint32_t value;  ///< the value, or the offset of the values
};

std::uint32_t append_dwords(Bytes& out, const std::vector<std::uint32_t>& values) {
  if (values.size() == 1) return values.front();
  const auto offset = offset_of_end(out);
  for (const auto value : values) put32(out, value);
  return offset;
}

std::uint32_t append_text(Bytes& out, const std::string& text) {
  // Up to four bytes, including the terminating zero, are stored in the field itself.
  if (text.size() + 1 <= 4) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      value |= static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])) << (8U * i);
    }
    return value;
  }
  const auto offset = offset_of_end(out);
  for (const char c : text) out.push_back(static_cast<std::byte>(c));
  out.push_back(std::byte{0});
  return offset;
}

/// Appends a page and returns the position of the offset to the next directory.
std::size_t append_page(const TiffPage& page, std::uint32_t number, std::uint32_t total,
                        std::size_t link, Bytes& out) {
  constexpr int kRowsPerStrip = 64;
  const auto width = static_cast<std::uint32_t>(page.pixels.cols);
  const auto height = static_cast<std::uint32_t>(page.pixels.rows);
  std::vector<std::uint32_t> offsets;
  std::vector<std::uint32_t> lengths;
  for (int top = 0; top < page.pixels.rows; top += kRowsPerStrip) {
    offsets.push_back(offset_of_end(out));
    for (int y = top; y < std::min(top + kRowsPerStrip, page.pixels.rows); ++y) {
      pack_row(page.pixels.ptr<std::uint8_t>(y), width, out);
    }
    lengths.push_back(static_cast<std::uint32_t>(out.size()) - offsets.back());
  }
  const auto strips = static_cast<std::uint32_t>(offsets.size());
  const auto offsets_at = append_dwords(out, offsets);
  const auto lengths_at = append_dwords(out, lengths);
  const auto name_at = append_text(out, page.name);

  const std::vector<Field> fields{
      {254, FieldType::dword, 1, 2},  // NewSubfileType: a page of a multi-page document
      {256, FieldType::dword, 1, width},
      {257, FieldType::dword, 1, height},
      {258, FieldType::word, 1, 8},      // BitsPerSample
      {259, FieldType::word, 1, 32773},  // Compression: PackBits
      {262, FieldType::word, 1, 1},      // PhotometricInterpretation: black is zero
      {273, FieldType::dword, strips, offsets_at},
      {277, FieldType::word, 1, 1},  // SamplesPerPixel
      {278, FieldType::dword, 1, static_cast<std::uint32_t>(kRowsPerStrip)},
      {279, FieldType::dword, strips, lengths_at},
      {285, FieldType::ascii, static_cast<std::uint32_t>(page.name.size() + 1), name_at},
      {297, FieldType::word, 2, number | (total << 16U)},  // PageNumber
  };
  set32(out, link, offset_of_end(out));
  put16(out, static_cast<std::uint32_t>(fields.size()));
  for (const auto& field : fields) {
    put16(out, field.tag);
    put16(out, static_cast<std::uint32_t>(field.type));
    put32(out, field.count);
    put32(out, field.value);
  }
  put32(out, 0);
  return out.size() - 4;
}

}  // namespace

Bytes encode_tiff(std::span<const TiffPage> pages) {
  Bytes out;
  put16(out, 0x4949);  // "II"
  put16(out, 42);
  put32(out, 0);
  std::size_t link = 4;
  std::uint32_t number = 0;
  for (const auto& page : pages) {
    link = append_page(page, number++, static_cast<std::uint32_t>(pages.size()), link, out);
  }
  return out;
}

}  // namespace spine
