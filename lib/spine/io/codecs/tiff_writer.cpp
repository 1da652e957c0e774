#include "spine/io/codecs/tiff_writer.h"

#include <algorithm>
#include <cstdint>

#include "spine/core/error.h"
#include "spine/core/size_text.h"
#include "spine/io/codecs/tiff_memory.h"

namespace spine {
namespace {

constexpr int kRowsPerStrip = 64;

/// Strips are encoded independently of each other, so that a reader can leave out blank ones.
bool write_strips(TIFF* tiff, const cv::Mat& pixels) {
  std::uint32_t strip = 0;
  for (int top = 0; top < pixels.rows; top += kRowsPerStrip, ++strip) {
    cv::Mat rows = pixels.rowRange(top, std::min(top + kRowsPerStrip, pixels.rows));
    // libtiff expects contiguous samples, and swaps the bytes of wide ones in place.
    if (!rows.isContinuous() || rows.depth() != CV_8U) rows = rows.clone();
    const auto size = static_cast<tmsize_t>(rows.total() * rows.elemSize());
    if (TIFFWriteEncodedStrip(tiff, strip, rows.data, size) != size) return false;
  }
  return true;
}

bool write_page(TIFF* tiff, const TiffPage& page, std::size_t number, std::size_t total) {
  const auto set = [tiff](std::uint32_t tag, auto... values) {
    return TIFFSetField(tiff, tag, values...) == 1;
  };
  return set(TIFFTAG_SUBFILETYPE, FILETYPE_PAGE) && set(TIFFTAG_IMAGEWIDTH, page.pixels.cols) &&
         set(TIFFTAG_IMAGELENGTH, page.pixels.rows) &&
         set(TIFFTAG_BITSPERSAMPLE, page.pixels.depth() == CV_8U ? 8 : 16) &&
         set(TIFFTAG_COMPRESSION, COMPRESSION_PACKBITS) &&
         set(TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK) && set(TIFFTAG_SAMPLESPERPIXEL, 1) &&
         set(TIFFTAG_ROWSPERSTRIP, kRowsPerStrip) && set(TIFFTAG_PAGENAME, page.name.c_str()) &&
         set(TIFFTAG_PAGENUMBER, static_cast<int>(number), static_cast<int>(total)) &&
         write_strips(tiff, page.pixels) && TIFFWriteDirectory(tiff) == 1;
}

void check(std::span<const TiffPage> pages) {
  if (pages.empty()) {
    throw Error(ErrorKind::internal, "encode TIFF: expected at least one page, got none");
  }
  for (const TiffPage& page : pages) {
    const int type = page.pixels.type();
    if (!page.pixels.empty() && (type == CV_8UC1 || type == CV_16UC1)) continue;
    throw Error(ErrorKind::internal, "encode TIFF: expected grey pixels of 8 or 16 bits, got " +
                                         cv::typeToString(type) + " of " +
                                         size_text(page.pixels.size()));
  }
}

}  // namespace

std::vector<std::byte> encode_tiff(std::span<const TiffPage> pages) {
  check(pages);
  TiffMemory memory;
  TiffHandle tiff = memory.open();
  bool written = tiff != nullptr;
  for (std::size_t i = 0; written && i < pages.size(); ++i) {
    written = write_page(tiff.get(), pages[i], i, pages.size());
  }
  tiff.reset();
  if (!written || !memory.first_error.empty()) {
    throw Error(ErrorKind::output, "encode TIFF: " + memory.first_error);
  }
  return memory.take_written();
}

}  // namespace spine
