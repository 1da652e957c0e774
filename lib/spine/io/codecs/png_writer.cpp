#include "spine/io/codecs/png_writer.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <string_view>

#include <libdeflate.h>

#include "spine/core/error.h"
#include "spine/core/size_text.h"

namespace spine {
namespace {

enum class ColorType : std::uint8_t { grey = 0, rgb = 2, palette = 3 };
enum class Filter : std::uint8_t { none = 0, up = 2 };

using Bytes = std::vector<std::byte>;

void append_number(Bytes& out, std::uint32_t value) {
  for (const int shift : {24, 16, 8, 0}) out.push_back(static_cast<std::byte>(value >> shift));
}

/// Appends length, type, data, and the checksum of type and data.
void append_chunk(Bytes& out, std::string_view type, std::span<const std::byte> data) {
  append_number(out, static_cast<std::uint32_t>(data.size()));
  const std::size_t start = out.size();
  const auto name = std::as_bytes(std::span(type.data(), type.size()));
  out.insert(out.end(), name.begin(), name.end());
  out.insert(out.end(), data.begin(), data.end());
  append_number(out, libdeflate_crc32(0, out.data() + start, out.size() - start));
}

/// Converts a row to the file's order: RGB, big-endian.
void put_row(const cv::Mat& pixels, int y, std::uint8_t* to) {
  const int channels = pixels.channels();
  const auto source = [channels](int i) {
    return channels == 1 ? i : i / 3 * 3 + 2 - i % 3;  // BGR to RGB
  };
  const int values = pixels.cols * channels;
  if (pixels.depth() == CV_16U) {
    const auto* row = pixels.ptr<std::uint16_t>(y);
    for (int i = 0; i < values; ++i) {
      const std::uint16_t value = row[source(i)];
      *to++ = static_cast<std::uint8_t>(value >> 8);
      *to++ = static_cast<std::uint8_t>(value & 0xFF);
    }
  } else if (channels == 1) {
    std::memcpy(to, pixels.ptr(y), static_cast<std::size_t>(values));
  } else {
    const auto* row = pixels.ptr(y);
    for (int i = 0; i < values; i += 3) {
      to[i] = row[i + 2];
      to[i + 1] = row[i + 1];
      to[i + 2] = row[i];
    }
  }
}

/// The filtered rows, each preceded by the number of its filter.
std::vector<std::uint8_t> filtered(const cv::Mat& pixels, Filter filter) {
  const std::size_t length = static_cast<std::size_t>(pixels.cols) * pixels.elemSize();
  std::vector<std::uint8_t> rows(static_cast<std::size_t>(pixels.rows) * (length + 1));
  std::vector<std::uint8_t> row(length), above(length);
  std::uint8_t* to = rows.data();
  for (int y = 0; y < pixels.rows; ++y, to += length) {
    put_row(pixels, y, row.data());
    *to++ = static_cast<std::uint8_t>(filter);
    if (filter == Filter::none) {
      std::memcpy(to, row.data(), length);
    } else {
      for (std::size_t i = 0; i < length; ++i) to[i] = static_cast<std::uint8_t>(row[i] - above[i]);
    }
    std::swap(row, above);
  }
  return rows;
}

Bytes compressed(const std::vector<std::uint8_t>& rows) {
  constexpr int kFastest = 1;
  const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> compressor(
      libdeflate_alloc_compressor(kFastest), &libdeflate_free_compressor);
  if (!compressor) throw std::bad_alloc();
  Bytes data(libdeflate_zlib_compress_bound(compressor.get(), rows.size()));
  data.resize(libdeflate_zlib_compress(compressor.get(), rows.data(), rows.size(), data.data(),
                                       data.size()));
  return data;
}

Bytes encode(const cv::Mat& pixels, ColorType type, Filter filter, const Bytes& palette) {
  static constexpr std::array<std::uint8_t, 8> kSignature{0x89, 'P',  'N',  'G',
                                                          '\r', '\n', 0x1A, '\n'};
  Bytes out;
  for (const std::uint8_t byte : kSignature) out.push_back(static_cast<std::byte>(byte));
  Bytes header;
  append_number(header, static_cast<std::uint32_t>(pixels.cols));
  append_number(header, static_cast<std::uint32_t>(pixels.rows));
  header.push_back(static_cast<std::byte>(8 * pixels.elemSize1()));
  header.push_back(static_cast<std::byte>(type));
  header.resize(header.size() + 3);  // deflate, adaptive filters, not interlaced
  append_chunk(out, "IHDR", header);
  if (!palette.empty()) append_chunk(out, "PLTE", palette);
  const Bytes data = compressed(filtered(pixels, filter));
  // A chunk is limited to 2^31 - 1 bytes.
  constexpr std::size_t kMost = std::size_t{1} << 30U;
  for (std::size_t at = 0; at < data.size(); at += kMost) {
    append_chunk(out, "IDAT", std::span(data).subspan(at, std::min(kMost, data.size() - at)));
  }
  append_chunk(out, "IEND", {});
  return out;
}

[[noreturn]] void refuse(const cv::Mat& pixels) {
  throw Error(ErrorKind::internal, "encode PNG: expected 8 or 16 bits, grey or BGR, got " +
                                       cv::typeToString(pixels.type()) + " of " +
                                       size_text(pixels.size()));
}

}  // namespace

std::vector<std::byte> encode_png(const cv::Mat& pixels) {
  const bool depth = pixels.depth() == CV_8U || pixels.depth() == CV_16U;
  const bool grey = pixels.channels() == 1;
  if (pixels.empty() || !depth || (!grey && pixels.channels() != 3)) refuse(pixels);
  return encode(pixels, grey ? ColorType::grey : ColorType::rgb, Filter::up, {});
}

std::vector<std::byte> encode_indexed_png(const cv::Mat& indices, std::span<const Rgb> palette) {
  if (indices.empty() || indices.type() != CV_8UC1) refuse(indices);
  Bytes colors;
  for (const Rgb& color : palette) {
    for (const std::uint8_t value : color) colors.push_back(static_cast<std::byte>(value));
  }
  return encode(indices, ColorType::palette, Filter::none, colors);
}

}  // namespace spine
