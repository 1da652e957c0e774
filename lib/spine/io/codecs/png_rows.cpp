#include "spine/io/codecs/png_rows.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include <libdeflate.h>

#include "spine/io/codecs/png_chunks.h"

namespace spine {
namespace {

bool is_sound(std::string_view type_and_data, std::size_t checksum) {
  return libdeflate_crc32(0, type_and_data.data(), type_and_data.size()) == checksum;
}

/// Concatenated data of all IDAT chunks; nullopt unless IEND follows them.
std::optional<std::string> compressed_rows(std::string_view bytes) {
  std::string data;
  for (std::size_t at = kPngSignature.size(); at + kPngChunkHead <= bytes.size();) {
    const std::size_t length = png_number(bytes, at);
    const std::size_t end = at + kPngChunkHead + length;
    if (end + kPngChunkChecksum > bytes.size()) return std::nullopt;
    const std::string_view type = bytes.substr(at + 4, 4);
    const bool pixels = type == "IDAT", last = type == "IEND";
    if ((pixels || last) && !is_sound(bytes.substr(at + 4, 4 + length), png_number(bytes, end))) {
      return std::nullopt;
    }
    if (last) return data;
    if (pixels) {
      data += bytes.substr(at + kPngChunkHead, length);
    } else if (!data.empty()) {
      return std::nullopt;
    }
    at = end + kPngChunkChecksum;
  }
  return std::nullopt;
}

/// @returns false unless the data inflate to `size` bytes; allocates no more than they can hold
bool inflate(const std::string& data, std::size_t size, std::vector<std::uint8_t>& rows) {
  constexpr std::size_t kMostOfAByte = 1032;  // largest compression ratio of deflate
  if (size / kMostOfAByte > data.size()) return false;
  rows.resize(size);
  const std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)>
      decompressor(libdeflate_alloc_decompressor(), &libdeflate_free_decompressor);
  if (!decompressor) throw std::bad_alloc();
  return libdeflate_zlib_decompress(decompressor.get(), data.data(), data.size(), rows.data(),
                                    rows.size(), nullptr) == LIBDEFLATE_SUCCESS;
}

/// Paeth predictor: left, above or above left, whichever is nearest to left + above - above left.
std::uint8_t paeth(int left, int above, int corner) {
  const int to_left = std::abs(above - corner), to_above = std::abs(left - corner);
  const int to_corner = std::abs(left + above - 2 * corner);
  if (to_left <= to_above && to_left <= to_corner) return static_cast<std::uint8_t>(left);
  return static_cast<std::uint8_t>(to_above <= to_corner ? above : corner);
}

/// Reverses a row's filter in place.
/// @param step  bytes per pixel
/// @returns false for an unknown filter
bool undo_filter(int filter, std::uint8_t* row, const std::uint8_t* above, std::size_t length,
                 std::size_t step) {
  const auto add = [&](std::size_t from, auto&& predicted) {
    for (std::size_t i = from; i < length; ++i) {
      row[i] = static_cast<std::uint8_t>(row[i] + predicted(i));
    }
  };
  const auto add_to_first = [&](auto&& predicted) {
    for (std::size_t i = 0; i < step; ++i) {
      row[i] = static_cast<std::uint8_t>(row[i] + predicted(i));
    }
  };
  switch (filter) {
    case 0:
      return true;
    case 1:
      add(step, [&](std::size_t i) { return row[i - step]; });
      return true;
    case 2:
      add(0, [&](std::size_t i) { return above[i]; });
      return true;
    case 3:
      add_to_first([&](std::size_t i) { return above[i] / 2; });
      add(step, [&](std::size_t i) { return (row[i - step] + above[i]) / 2; });
      return true;
    case 4:
      add_to_first([&](std::size_t i) { return above[i]; });
      add(step, [&](std::size_t i) { return paeth(row[i - step], above[i], above[i - step]); });
      return true;
    default:
      return false;
  }
}

/// Copies a row's values; 16-bit values are stored big-endian.
void put_row(const std::uint8_t* row, cv::Mat& pixels, int y) {
  const int values = pixels.cols * pixels.channels();
  if (pixels.depth() == CV_8U) {
    std::memcpy(pixels.ptr(y), row, static_cast<std::size_t>(values));
    return;
  }
  auto* to = pixels.ptr<std::uint16_t>(y);
  for (int i = 0; i < values; ++i) {
    to[i] = static_cast<std::uint16_t>(row[2 * i] << 8 | row[2 * i + 1]);
  }
}

}  // namespace

bool read_usual_png(std::string_view bytes, cv::Mat& pixels) {
  const auto data = compressed_rows(bytes);
  if (!data) return false;
  const std::size_t step = pixels.elemSize();
  const std::size_t length = static_cast<std::size_t>(pixels.cols) * step;
  // Each row is preceded by the number of its filter.
  std::vector<std::uint8_t> rows;
  if (!inflate(*data, static_cast<std::size_t>(pixels.rows) * (length + 1), rows)) return false;
  const std::vector<std::uint8_t> nothing(length);
  const std::uint8_t* above = nothing.data();
  for (int y = 0; y < pixels.rows; ++y) {
    std::uint8_t* const filter = rows.data() + static_cast<std::size_t>(y) * (length + 1);
    std::uint8_t* const row = filter + 1;
    if (!undo_filter(*filter, row, above, length, step)) return false;
    put_row(row, pixels, y);
    above = row;
  }
  return true;
}

}  // namespace spine
