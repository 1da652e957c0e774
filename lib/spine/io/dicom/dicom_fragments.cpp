#include "spine/io/dicom/dicom_fragments.h"

#include <algorithm>
#include <numeric>

namespace spine {
namespace {

unsigned byte_at(std::string_view bytes, std::size_t at) {
  return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0U;
}

std::uint32_t little_endian(std::string_view bytes, std::size_t at) {
  return byte_at(bytes, at) | byte_at(bytes, at + 1) << 8U | byte_at(bytes, at + 2) << 16U |
         byte_at(bytes, at + 3) << 24U;
}

std::uint32_t big_endian(std::string_view bytes, std::size_t at, std::size_t count) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value << 8U | byte_at(bytes, at + i);
  return value;
}

bool starts_with(std::string_view bytes, std::string_view start) {
  return bytes.substr(0, start.size()) == start;
}

constexpr std::string_view kJpegStart("\xFF\xD8\xFF", 3);
constexpr std::string_view kJpeg2000Start("\xFF\x4F\xFF\x51", 4);
constexpr std::string_view kJpeg2000Box("\0\0\0\x0cjP  ", 8);

bool starts_stream(std::string_view bytes) {
  return starts_with(bytes, kJpegStart) || starts_with(bytes, kJpeg2000Start) ||
         starts_with(bytes, kJpeg2000Box);
}

/// Frame index of each fragment, from 0, if the offset table has one offset per frame.
std::vector<int> frames_by_offsets(std::string_view table, const std::vector<ByteRange>& fragments,
                                   int frames) {
  if (table.size() < 4 * static_cast<std::size_t>(frames)) return {};
  std::vector<int> owners;
  int owner = 0;
  for (const auto& fragment : fragments) {
    const auto offset = fragment.at - fragments.front().at;
    while (owner + 1 < frames &&
           offset >= little_endian(table, 4 * static_cast<std::size_t>(owner + 1))) {
      ++owner;
    }
    owners.push_back(owner);
  }
  return owners;
}

std::vector<int> frames_by_starts(std::string_view bytes, const std::vector<ByteRange>& fragments,
                                  int frames) {
  std::vector<int> owners;
  int owner = -1;
  for (const auto& fragment : fragments) {
    if (starts_stream(bytes.substr(fragment.at, fragment.size))) ++owner;
    owners.push_back(owner);
  }
  return owner + 1 == frames ? owners : std::vector<int>{};
}

/// The JPEG or JPEG-LS process, determined from the stream's start-of-frame marker.
E_TransferSyntax process_of_jpeg(std::string_view stream) {
  std::size_t at = 2;
  while (at + 4 <= stream.size() && byte_at(stream, at) == 0xFF) {
    const unsigned marker = byte_at(stream, at + 1);
    if (marker == 0xFF) {  // fill byte
      ++at;
      continue;
    }
    switch (marker) {
      case 0xC0:
        return EXS_JPEGProcess1;
      case 0xC1:
        return EXS_JPEGProcess2_4;
      case 0xC2:
        return EXS_JPEGProcess10_12;
      case 0xC3:
        return EXS_JPEGProcess14SV1;
      case 0xF7:
        return EXS_JPEGLSLossless;
      default:
        at += 2 + big_endian(stream, at + 2, 2);
    }
  }
  return EXS_Unknown;
}

bool is_jpeg(E_TransferSyntax syntax) {
  return (syntax >= EXS_JPEGProcess1 && syntax <= EXS_JPEGProcess29) ||
         syntax == EXS_JPEGProcess14SV1;
}

bool is_jpeg_ls(E_TransferSyntax syntax) {
  return syntax == EXS_JPEGLSLossless || syntax == EXS_JPEGLSLossy;
}

/// The frame that each fragment belongs to; empty if it cannot be told.
/// @param offsets  the Basic Offset Table
std::vector<int> frames_of_fragments(std::string_view bytes, std::string_view offsets,
                                     const std::vector<ByteRange>& fragments, int frames) {
  if (frames == 1) return std::vector<int>(fragments.size(), 0);
  if (fragments.size() == static_cast<std::size_t>(frames)) {
    std::vector<int> one_each(fragments.size());
    std::iota(one_each.begin(), one_each.end(), 0);
    return one_each;
  }
  std::vector<int> owners = frames_by_offsets(offsets, fragments, frames);
  if (owners.empty()) owners = frames_by_starts(bytes, fragments, frames);
  return owners;
}

/// Whether a decoder of the declared syntax can decode a stream of the detected process.
bool can_decode(E_TransferSyntax declared, E_TransferSyntax found) {
  if (declared == found) return true;
  if (is_jpeg_ls(found)) return is_jpeg_ls(declared);
  if (is_jpeg_2000(found)) return is_jpeg_2000(declared);
  if (found == EXS_JPEGProcess1) return declared == EXS_JPEGProcess2_4;
  return found == EXS_JPEGProcess14SV1 && declared == EXS_JPEGProcess14;
}

}  // namespace

std::vector<std::string_view> fragments_of_frame(std::string_view bytes, const DicomLayout& layout,
                                                 int frames, int frame) {
  if (layout.fragments.size() < 2) return {};
  const ByteRange& table = layout.fragments.front();
  const std::vector<ByteRange> fragments(layout.fragments.begin() + 1, layout.fragments.end());
  const std::vector<int> owners =
      frames_of_fragments(bytes, bytes.substr(table.at, table.size), fragments, frames);
  std::vector<std::string_view> chosen;
  for (std::size_t i = 0; i < owners.size(); ++i) {
    if (owners[i] == frame - 1) chosen.push_back(bytes.substr(fragments[i].at, fragments[i].size));
  }
  return chosen;
}

bool is_jpeg_2000(E_TransferSyntax syntax) {
  return syntax == EXS_JPEG2000 || syntax == EXS_JPEG2000LosslessOnly ||
         syntax == EXS_JPEG2000Multicomponent || syntax == EXS_JPEG2000MulticomponentLosslessOnly;
}

E_TransferSyntax syntax_of_stream(std::string_view stream, E_TransferSyntax declared) {
  E_TransferSyntax found = EXS_Unknown;
  if (starts_with(stream, kJpeg2000Start) || starts_with(stream, kJpeg2000Box)) {
    found = EXS_JPEG2000;
  } else if (starts_with(stream, kJpegStart)) {
    found = process_of_jpeg(stream);
  }
  if (found != EXS_Unknown) return can_decode(declared, found) ? declared : found;
  // Run-length coding has no marker; such a stream is left to the decoder of the declared syntax.
  const bool decodable = declared == EXS_RLELossless || is_jpeg(declared) || is_jpeg_ls(declared) ||
                         is_jpeg_2000(declared);
  return decodable ? declared : EXS_Unknown;
}

Jpeg2000Size jpeg_2000_size(std::string_view stream) {
  const std::size_t at = stream.find(kJpeg2000Start);
  Jpeg2000Size size;
  if (at == std::string_view::npos || at + 43 > stream.size()) return size;
  const auto extent = [&](std::size_t end, std::size_t start) {
    const std::uint32_t last = big_endian(stream, at + end, 4);
    const std::uint32_t first = big_endian(stream, at + start, 4);
    return last > first && last - first < (1U << 24U) ? static_cast<int>(last - first) : 0;
  };
  size.width = extent(8, 16);
  size.height = extent(12, 20);
  size.components = static_cast<int>(big_endian(stream, at + 40, 2));
  const unsigned depth = byte_at(stream, at + 42);
  size.bits = static_cast<int>(depth & 0x7FU) + 1;
  size.is_signed = (depth & 0x80U) != 0;
  for (int i = 0; i < std::min(size.components, 4); ++i) {
    const std::size_t component = at + 42 + 3 * static_cast<std::size_t>(i);
    const bool alike = byte_at(stream, component) == depth && byte_at(stream, component + 1) == 1 &&
                       byte_at(stream, component + 2) == 1;
    if (!alike) return {};
  }
  return size;
}

}  // namespace spine
