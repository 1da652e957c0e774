#include "spine/io/codecs/tiff_page_reader.h"

#include <algorithm>
#include <cstring>

#include "spine/core/error.h"

namespace spine {
namespace {

/// A strip or tile may exceed the film, up to this limit, bytes.
constexpr tmsize_t kLargestBlock = tmsize_t{1} << 31U;

}  // namespace

Raster TiffPageReader::read(const RasterLimits& limits) {
  check(limits);
  read_rows({0, size_.height});
  finish_pixels();
  Raster raster{pixels_, photometric_ == PHOTOMETRIC_MINISWHITE};
  raster.notes = notes_;
  raster.orientation = orientation();
  float along_x = 0, along_y = 0;
  if (TIFFGetField(tiff_, TIFFTAG_XRESOLUTION, &along_x) == 1 &&
      TIFFGetField(tiff_, TIFFTAG_YRESOLUTION, &along_y) == 1) {
    take_resolution(raster, along_x, along_y, "TIFF's tags");
  }
  return raster;
}

TiffBand TiffPageReader::read_band(const RasterLimits& limits) {
  check(limits);
  const bool in_strips = TIFFIsTiled(tiff_) == 0 && !separate_;
  const cv::Range rows = in_strips ? rows_with_something() : cv::Range(0, size_.height);
  if (rows.empty()) return {size_, 0, {}, orientation()};
  read_rows(rows);
  finish_pixels();
  return {size_, rows.start, pixels_, orientation()};
}

void TiffPageReader::check(const RasterLimits& limits) {
  const std::uint32_t width = tiff_tag(tiff_, TIFFTAG_IMAGEWIDTH, 0);
  const std::uint32_t height = tiff_tag(tiff_, TIFFTAG_IMAGELENGTH, 0);
  if (width == 0 || height == 0) damaged("no image size");
  check_size(name_, width, height, limits);
  size_ = {static_cast<int>(width), static_cast<int>(height)};
  check_samples();
  separate_ =
      tiff_short_tag(tiff_, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) == PLANARCONFIG_SEPARATE;
}

Orientation TiffPageReader::orientation() const {
  return orientation_of_tag(tiff_short_tag(tiff_, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT))
      .value_or(Orientation::top_left);
}

void TiffPageReader::read_rows(cv::Range rows) {
  pixels_.create(rows.size(), size_.width, CV_MAKETYPE(bits_ == 8 ? CV_8U : CV_16U, kept_));
  if (TIFFIsTiled(tiff_) != 0) {
    read_tiles();
  } else {
    read_strips(rows);
  }
}

void TiffPageReader::damaged(const std::string& what) const {
  throw Error(ErrorKind::unreadable,
              "read " + name_ + ": expected a whole TIFF, got damage: " +
                  (memory_.first_error.empty() ? what : memory_.first_error));
}

void TiffPageReader::other(const std::string& expected, const std::string& got) const {
  throw Error(ErrorKind::unsupported,
              "read " + name_ + ": expected a TIFF of " + expected + ", got " + got);
}

void TiffPageReader::check_samples() {
  bits_ = tiff_short_tag(tiff_, TIFFTAG_BITSPERSAMPLE, 1);
  samples_ = tiff_short_tag(tiff_, TIFFTAG_SAMPLESPERPIXEL, 1);
  const auto format = tiff_short_tag(tiff_, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);
  const auto compression = tiff_short_tag(tiff_, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  photometric_ = tiff_short_tag(tiff_, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
  if (format != SAMPLEFORMAT_UINT || (bits_ != 8 && bits_ != 16)) {
    const std::string kind = format == SAMPLEFORMAT_IEEEFP ? " float"
                             : format == SAMPLEFORMAT_INT  ? " signed integers"
                                                           : "";
    other("8 or 16 bits", std::to_string(bits_) + " bits" + kind);
  }
  if (TIFFIsCODECConfigured(compression) == 0) {
    other("a usual compression", "compression " + std::to_string(compression));
  }
  if (photometric_ == PHOTOMETRIC_YCBCR && compression == COMPRESSION_JPEG) {
    TIFFSetField(tiff_, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    photometric_ = PHOTOMETRIC_RGB;
  }
  const bool grey =
      photometric_ == PHOTOMETRIC_MINISBLACK || photometric_ == PHOTOMETRIC_MINISWHITE;
  const int colours = photometric_ == PHOTOMETRIC_RGB ? 3 : 1;
  constexpr int kMostExtra = 5;
  const bool known = grey || photometric_ == PHOTOMETRIC_RGB ||
                     (photometric_ == PHOTOMETRIC_PALETTE && bits_ == 8);
  if (!known || samples_ < colours || samples_ > colours + kMostExtra) {
    other("grey, palette or RGB", "photometric interpretation " + std::to_string(photometric_) +
                                      " with " + std::to_string(samples_) + " samples");
  }
  choose_samples(colours);
}

void TiffPageReader::choose_samples(int colours) {
  kept_ = colours;
  if (samples_ == colours) return;
  std::uint16_t count = 0;
  const std::uint16_t* kinds = nullptr;
  TIFFGetFieldDefaulted(tiff_, TIFFTAG_EXTRASAMPLES, &count, &kinds);
  const auto first = count > 0 && kinds != nullptr ? kinds[0] : EXTRASAMPLE_UNSPECIFIED;
  premultiplied_ = first == EXTRASAMPLE_ASSOCALPHA;
  const bool alpha = premultiplied_ || first == EXTRASAMPLE_UNASSALPHA;
  if (alpha && photometric_ != PHOTOMETRIC_PALETTE) ++kept_;
  if (kept_ == samples_) return;
  notes_.emplace_back("samples other than grey values or colours were not used");
}

void TiffPageReader::finish_pixels() {
  if (photometric_ == PHOTOMETRIC_PALETTE) look_up_palette();
  if (!premultiplied_ || kept_ == 1) return;
  std::vector<cv::Mat> channels;
  cv::split(pixels_, channels);
  double lowest = 0;
  cv::minMaxLoc(channels.back(), &lowest);
  if (lowest < (bits_ == 8 ? 255 : 65535)) {
    notes_.emplace_back("transparency was composited on black");
  }
  channels.pop_back();
  cv::merge(channels, pixels_);
}

void TiffPageReader::place(const std::uint8_t* block, int block_width, cv::Rect where, int plane) {
  const auto sample_size = static_cast<std::size_t>(bits_ / 8);
  const std::size_t in_samples = separate_ ? 1 : samples_;
  const std::size_t in_size = in_samples * sample_size;
  const std::size_t row_size = static_cast<std::size_t>(block_width) * in_size;
  const std::size_t pixel_size = static_cast<std::size_t>(kept_) * sample_size;
  const std::size_t piece = separate_ ? sample_size : pixel_size;
  for (int y = 0; y < where.height; ++y, block += row_size) {
    auto* out = pixels_.ptr(where.y + y) + static_cast<std::size_t>(where.x) * pixel_size;
    if (in_size == pixel_size) {
      std::memcpy(out, block, static_cast<std::size_t>(where.width) * pixel_size);
      continue;
    }
    out += static_cast<std::size_t>(plane) * sample_size;
    for (int x = 0; x < where.width; ++x, out += pixel_size) {
      std::memcpy(out, block + static_cast<std::size_t>(x) * in_size, piece);
    }
  }
}

int TiffPageReader::rows_a_strip() const {
  const auto height = static_cast<std::uint32_t>(size_.height);
  const auto rows = std::min(tiff_tag(tiff_, TIFFTAG_ROWSPERSTRIP, height), height);
  if (rows == 0) damaged("no rows in a strip");
  return static_cast<int>(rows);
}

const std::uint8_t* TiffPageReader::decode_strip(int top, int rows, int plane) {
  const tmsize_t whole = TIFFStripSize(tiff_);
  if (whole <= 0 || whole > kLargestBlock) damaged("bad strips");
  strip_.resize(static_cast<std::size_t>(whole));
  const auto strip = strip_at(top, plane);
  const auto wanted =
      static_cast<tmsize_t>(TIFFVStripSize(tiff_, static_cast<std::uint32_t>(rows)));
  const auto got = TIFFReadEncodedStrip(tiff_, strip, strip_.data(), wanted);
  if (got != wanted) damaged("strip " + std::to_string(strip) + " is too short");
  return strip_.data();
}

std::uint32_t TiffPageReader::strip_at(int top, int plane) const {
  return TIFFComputeStrip(tiff_, static_cast<std::uint32_t>(top),
                          static_cast<std::uint16_t>(plane));
}

void TiffPageReader::read_strips(cv::Range wanted) {
  const int rows = rows_a_strip();
  for (int plane = 0; plane < (separate_ ? kept_ : 1); ++plane) {
    for (int top = wanted.start; top < wanted.end; top += rows) {
      const int count = std::min(rows, wanted.end - top);
      place(decode_strip(top, count, plane), size_.width,
            {0, top - wanted.start, size_.width, count}, plane);
    }
  }
}

std::string_view TiffPageReader::stored_strip(int top) const {
  const auto strip = strip_at(top, 0);
  const auto at = TIFFGetStrileOffset(tiff_, strip);
  const auto size = TIFFGetStrileByteCount(tiff_, strip);
  const std::string_view file = memory_.file();
  return at <= file.size() && size <= file.size() - at ? file.substr(at, size) : std::string_view();
}

cv::Range TiffPageReader::rows_with_something() {
  const int rows = rows_a_strip();
  const int strips = (size_.height + rows - 1) / rows;
  std::string_view blank;
  const auto is_blank = [&](int strip) {
    const int top = strip * rows;
    const int count = std::min(rows, size_.height - top);
    const std::string_view stored = stored_strip(top);
    if (!stored.empty() && stored == blank && count == rows) return true;
    const auto* bytes = decode_strip(top, count, 0);
    const auto* end = bytes + TIFFVStripSize(tiff_, static_cast<std::uint32_t>(count));
    if (std::any_of(bytes, end, [](std::uint8_t b) { return b != 0; })) return false;
    if (count == rows) blank = stored;
    return true;
  };
  int first = 0, last = strips;
  while (first < last && is_blank(first)) ++first;
  while (last > first && is_blank(last - 1)) --last;
  if (first == last) return {0, 0};
  return {first * rows, std::min(last * rows, size_.height)};
}

void TiffPageReader::read_tiles() {
  const auto tile_width = static_cast<int>(tiff_tag(tiff_, TIFFTAG_TILEWIDTH, 0));
  const auto tile_height = static_cast<int>(tiff_tag(tiff_, TIFFTAG_TILELENGTH, 0));
  const tmsize_t size = TIFFTileSize(tiff_);
  if (tile_width <= 0 || tile_height <= 0 || size <= 0 || size > kLargestBlock)
    damaged("bad tiles");
  std::vector<std::uint8_t> buffer(static_cast<std::size_t>(size));
  for (int plane = 0; plane < (separate_ ? kept_ : 1); ++plane) {
    for (int top = 0; top < pixels_.rows; top += tile_height) {
      for (int left = 0; left < pixels_.cols; left += tile_width) {
        const auto got =
            TIFFReadTile(tiff_, buffer.data(), static_cast<std::uint32_t>(left),
                         static_cast<std::uint32_t>(top), 0, static_cast<std::uint16_t>(plane));
        if (got != size) damaged("a tile is too short");
        place(buffer.data(), tile_width,
              {left, top, std::min(tile_width, pixels_.cols - left),
               std::min(tile_height, pixels_.rows - top)},
              plane);
      }
    }
  }
}

void TiffPageReader::look_up_palette() {
  std::uint16_t* channels[3] = {nullptr, nullptr, nullptr};
  if (TIFFGetField(tiff_, TIFFTAG_COLORMAP, &channels[0], &channels[1], &channels[2]) != 1) {
    damaged("no palette");
  }
  cv::Mat table(1, 256, CV_8UC3);
  // Some writers scale palettes to 8 instead of 16 bits.
  bool wide = false;
  for (const auto* channel : channels) {
    wide = wide || std::any_of(channel, channel + 256, [](std::uint16_t v) { return v > 255; });
  }
  for (int i = 0; i < 256; ++i) {
    for (int c = 0; c < 3; ++c) {
      table.at<cv::Vec3b>(i)[c] = static_cast<std::uint8_t>(channels[c][i] >> (wide ? 8U : 0U));
    }
  }
  cv::Mat indices;
  cv::merge(std::vector<cv::Mat>{pixels_, pixels_, pixels_}, indices);
  cv::LUT(indices, table, pixels_);
}

}  // namespace spine
