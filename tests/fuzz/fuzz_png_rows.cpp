#include <memory>
#include <string_view>
#include <vector>

#include "fuzz_target.h"
#include <libdeflate.h>

#include "spine/io/codecs/png_codec.h"

// The pixels of a PNG behind its checksums, which mutations of a file do not get past: the input is
// either a file whose checksums are repaired, or filtered rows that are packed into one. Pixels
// read with libdeflate must be those that libpng reads.

namespace {

using namespace spine;

void append_number(std::string& to, std::size_t value) {
  for (const unsigned shift : {24U, 16U, 8U, 0U}) to += static_cast<char>(value >> shift & 0xFFU);
}

std::string checksum(std::string_view type_and_data) {
  std::string text;
  append_number(text, libdeflate_crc32(0, type_and_data.data(), type_and_data.size()));
  return text;
}

void append_chunk(std::string& to, std::string_view type, std::string_view data) {
  append_number(to, data.size());
  const std::string type_and_data = std::string(type) + std::string(data);
  to += type_and_data + checksum(type_and_data);
}

/// The file with the right checksum after every chunk that lies within it.
std::string repaired(std::string file) {
  constexpr std::size_t kSignature = 8, kHead = 8, kChecksum = 4;
  for (std::size_t at = kSignature; at + kHead + kChecksum <= file.size();) {
    std::size_t length = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      length = length << 8U | static_cast<unsigned char>(file[at + i]);
    }
    if (length > file.size() - at - kHead - kChecksum) break;
    const std::size_t end = at + kHead + length;
    file.replace(end, kChecksum, checksum(std::string_view(file).substr(at + 4, 4 + length)));
    at = end + kChecksum;
  }
  return file;
}

struct Layout {
  std::size_t width, height;
  int bits, color_type;  ///< as in IHDR
  std::size_t channels;
};

/// @param tail  with a text after the pixels, which leaves the file to libpng
std::string packed(const Layout& layout, const std::string& rows, std::size_t split, bool tail) {
  const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> compressor(
      libdeflate_alloc_compressor(1), &libdeflate_free_compressor);
  std::string data(libdeflate_zlib_compress_bound(compressor.get(), rows.size()), '\0');
  data.resize(libdeflate_zlib_compress(compressor.get(), rows.data(), rows.size(), data.data(),
                                       data.size()));
  std::string file("\x89PNG\r\n\x1a\n", 8), header;
  append_number(header, layout.width);
  append_number(header, layout.height);
  header += static_cast<char>(layout.bits);
  header += static_cast<char>(layout.color_type);
  header += std::string(3, '\0');
  append_chunk(file, "IHDR", header);
  split = std::min(split, data.size());
  append_chunk(file, "IDAT", std::string_view(data).substr(0, split));
  append_chunk(file, "IDAT", std::string_view(data).substr(split));
  if (tail) append_chunk(file, "tEXt", std::string_view("Comment\0x", 9));
  append_chunk(file, "IEND", {});
  return file;
}

/// Pixels and notes as text, or the reason why there are none.
std::string outcome(const std::string& file) {
  std::string text;
  fuzz::expect_value_or_error([&] {
    const Raster raster = decode_png(file, "input");
    text = std::to_string(raster.pixels.type());
    for (int y = 0; y < raster.pixels.rows; ++y) {
      const auto* row = reinterpret_cast<const char*>(raster.pixels.ptr(y));
      text.append(row, static_cast<std::size_t>(raster.pixels.cols) * raster.pixels.elemSize());
    }
  });
  return text;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kHead = 4;
  if (size < kHead) return 0;
  const std::string rest(reinterpret_cast<const char*>(data) + kHead, size - kHead);
  if (data[0] % 8 == 7) {
    RasterLimits limits;
    limits.max_pixels = 1'000'000;  // larger pictures take time and tell nothing new
    fuzz::expect_value_or_error([&] { decode_png(repaired(rest), "input", limits); });
    return 0;
  }
  constexpr int kColorTypes[]{0, 4, 2, 6};
  Layout layout{};
  layout.channels = data[0] % 4U + 1;
  layout.color_type = kColorTypes[layout.channels - 1];
  layout.bits = data[0] % 8 < 4 ? 8 : 16;
  layout.width = data[1] % 40U + 1;
  layout.height = data[2] % 40U + 1;
  const std::size_t row =
      layout.width * layout.channels * static_cast<std::size_t>(layout.bits / 8);
  std::string rows = rest;
  rows.resize(layout.height * (row + 1), '\0');
  if (outcome(packed(layout, rows, data[3], false)) !=
      outcome(packed(layout, rows, data[3], true))) {
    std::fputs("libdeflate and libpng read different pixels\n", stderr);
    std::abort();
  }
  return 0;
}
