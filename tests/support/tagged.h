#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "support/catch.h"
#include "support/temp_dir.h"
#include <opencv2/core.hpp>
#include <tiffio.h>

#include "spine/util/atomic_file.h"

// Pictures with tags that OpenCV does not write.

namespace spine::test {

/// A number of so many bytes in the order of "II" or "MM".
inline std::string number(std::uint32_t value, int size, bool low_first) {
  std::string bytes;
  for (int i = 0; i < size; ++i) {
    const int shift = 8 * (low_first ? i : size - 1 - i);
    bytes += static_cast<char>((value >> shift) & 0xFFU);
  }
  return bytes;
}

struct ExifRecipe {
  std::uint32_t orientation = 1;
  bool low_first = true;
  bool as_long = false;
  std::uint32_t x_resolution = 0, y_resolution = 0;  ///< 0: not there
};

/// An EXIF block with other entries around what is asked for.
inline std::string exif_block(const ExifRecipe& recipe) {
  const bool low = recipe.low_first;
  const auto n = [&](std::uint32_t value, int size) { return number(value, size, low); };
  const bool resolution = recipe.x_resolution > 0;
  const std::uint32_t entries = resolution ? 4 : 2;
  const std::uint32_t behind = 8 + 2 + 12 * entries + 4;
  std::string block = (low ? "II" : "MM") + n(42, 2) + n(8, 4) + n(entries, 2);
  block += n(271, 2) + n(2, 2) + n(4, 4) + "abc" + std::string(1, '\0');  // Make
  const std::string value =
      recipe.as_long ? n(recipe.orientation, 4) : n(recipe.orientation, 2) + std::string(2, '\0');
  block += n(274, 2) + n(recipe.as_long ? 4 : 3, 2) + n(1, 4) + value;
  if (resolution) {
    block += n(282, 2) + n(5, 2) + n(1, 4) + n(behind, 4);
    block += n(283, 2) + n(5, 2) + n(1, 4) + n(behind + 8, 4);
  }
  block += n(0, 4);
  if (resolution)
    block += n(recipe.x_resolution, 4) + n(1, 4) + n(recipe.y_resolution, 4) + n(1, 4);
  return block;
}

inline std::uint32_t crc32_of(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int k = 0; k < 8; ++k) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

/// A PNG with one more chunk, behind its header or before its end.
inline std::string with_chunk(const std::string& png, const std::string& type,
                              const std::string& data, bool at_end = false) {
  const std::size_t at = at_end ? png.size() - 12 : 33;
  const std::string chunk = number(static_cast<std::uint32_t>(data.size()), 4, false) + type +
                            data + number(crc32_of(type + data), 4, false);
  return png.substr(0, at) + chunk + png.substr(at);
}

/// A JPEG with one more marker segment: behind SOI, or behind the JFIF segment that follows it.
inline std::string with_segment(const std::string& jpeg, int marker, const std::string& data,
                                bool behind_jfif = true) {
  std::size_t at = 2;
  if (behind_jfif && jpeg.compare(2, 2, "\xFF\xE0") == 0) {
    at += 2 + (static_cast<std::size_t>(static_cast<unsigned char>(jpeg[4])) << 8U) +
          static_cast<unsigned char>(jpeg[5]);
  }
  const std::string segment = std::string("\xFF") + static_cast<char>(marker) +
                              number(static_cast<std::uint32_t>(data.size() + 2), 2, false) + data;
  return jpeg.substr(0, at) + segment + jpeg.substr(at);
}

inline std::string with_exif(const std::string& jpeg, const ExifRecipe& recipe) {
  return with_segment(jpeg, 0xE1, std::string("Exif\0\0", 6) + exif_block(recipe));
}

/// A page of a TIFF: interleaved samples, and tags that are set before the pixels are written.
struct TiffRecipe {
  cv::Mat pixels;
  std::function<void(TIFF*)> tags = [](TIFF*) {};
};

inline std::string tiff_of(const std::vector<TiffRecipe>& pages, const char* mode = "w") {
  const TempDir dir;
  const auto path = dir / "a.tif";
  TIFF* tiff = TIFFOpen(path.c_str(), mode);
  REQUIRE(tiff != nullptr);
  for (const auto& page : pages) {
    const int channels = page.pixels.channels();
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, page.pixels.cols);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, page.pixels.rows);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, page.pixels.depth() == CV_8U ? 8 : 16);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, channels);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC,
                 channels >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK);
    TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, 16);
    page.tags(tiff);
    for (int y = 0; y < page.pixels.rows; ++y) {
      cv::Mat row = page.pixels.row(y).clone();
      TIFFWriteScanline(tiff, row.data, static_cast<unsigned>(y));
    }
    TIFFWriteDirectory(tiff);
  }
  TIFFClose(tiff);
  return read_file(path);
}

}  // namespace spine::test
