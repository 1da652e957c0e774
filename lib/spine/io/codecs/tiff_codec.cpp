#include "spine/io/codecs/tiff_codec.h"

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>

#include <tiffio.h>

#include "spine/core/error.h"

namespace spine {
namespace {

// I/O callbacks by which libtiff reads from memory.

struct Source {
  const std::string& bytes;
  std::uint64_t position = 0;
  std::string first_error;  ///< as reported by libtiff
};

Source& source_of(thandle_t handle) { return *static_cast<Source*>(handle); }

tmsize_t take(thandle_t handle, void* data, tmsize_t size) {
  auto& source = source_of(handle);
  if (source.position >= source.bytes.size() || size <= 0) return 0;
  const auto count = std::min<std::uint64_t>(static_cast<std::uint64_t>(size),
                                             source.bytes.size() - source.position);
  std::memcpy(data, source.bytes.data() + source.position, count);
  source.position += count;
  return static_cast<tmsize_t>(count);
}

tmsize_t refuse_write(thandle_t, void*, tmsize_t) { return 0; }

toff_t seek(thandle_t handle, toff_t offset, int whence) {
  auto& source = source_of(handle);
  if (whence == SEEK_CUR) offset += source.position;
  if (whence == SEEK_END) offset += source.bytes.size();
  source.position = offset;
  return offset;
}

int close_nothing(thandle_t) { return 0; }

toff_t size_of(thandle_t handle) { return source_of(handle).bytes.size(); }

int on_error(TIFF*, void* user_data, const char*, const char* format, va_list arguments) {
  auto& source = *static_cast<Source*>(user_data);
  if (source.first_error.empty()) {
    std::array<char, 300> text{};
    std::vsnprintf(text.data(), text.size(), format, arguments);
    source.first_error = text.data();
    std::replace(source.first_error.begin(), source.first_error.end(), '\n', ' ');
  }
  return 1;  // handled: libtiff prints nothing
}

int on_warning(TIFF*, void*, const char*, const char*, va_list) { return 1; }

struct CloseTiff {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
};
using TiffHandle = std::unique_ptr<TIFF, CloseTiff>;

constexpr tmsize_t kLeastMemory = tmsize_t{64} << 20U;
constexpr tmsize_t kMostGrowth = 4;

TiffHandle open_tiff(Source& source) {
  TIFFOpenOptions* options = TIFFOpenOptionsAlloc();
  if (options == nullptr) throw std::bad_alloc();
  TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, &source);
  TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, nullptr);
  // libtiff allocates tables and packed strips, which are bounded by the file size.
  TIFFOpenOptionsSetMaxSingleMemAlloc(
      options, kLeastMemory + kMostGrowth * static_cast<tmsize_t>(source.bytes.size()));
  // "m": no memory mapping, since there is no file.
  TIFF* tiff = TIFFClientOpenExt("memory", "rm", &source, take, refuse_write, seek, close_nothing,
                                 size_of, nullptr, nullptr, options);
  TIFFOpenOptionsFree(options);
  return TiffHandle(tiff);
}

std::uint32_t tag(TIFF* tiff, std::uint32_t which, std::uint32_t otherwise) {
  std::uint32_t value = 0;
  return TIFFGetField(tiff, which, &value) == 1 ? value : otherwise;
}

/// For tags that libtiff returns as 16 bits.
std::uint16_t short_tag(TIFF* tiff, std::uint32_t which, std::uint16_t otherwise) {
  std::uint16_t value = 0;
  return TIFFGetFieldDefaulted(tiff, which, &value) == 1 ? value : otherwise;
}

/// A strip or tile may exceed the film, up to this limit, bytes.
constexpr tmsize_t kLargestBlock = tmsize_t{1} << 31U;

class PageReader {
 public:
  PageReader(TIFF* tiff, const Source& source, const std::string& name)
      : tiff_(tiff), source_(source), name_(name) {}

  Raster read(const RasterLimits& limits) {
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

  TiffBand read_band(const RasterLimits& limits) {
    check(limits);
    const bool in_strips = TIFFIsTiled(tiff_) == 0 && !separate_;
    const cv::Range rows = in_strips ? rows_with_something() : cv::Range(0, size_.height);
    if (rows.empty()) return {size_, 0, {}, orientation()};
    read_rows(rows);
    finish_pixels();
    return {size_, rows.start, pixels_, orientation()};
  }

 private:
  void check(const RasterLimits& limits) {
    const std::uint32_t width = tag(tiff_, TIFFTAG_IMAGEWIDTH, 0);
    const std::uint32_t height = tag(tiff_, TIFFTAG_IMAGELENGTH, 0);
    if (width == 0 || height == 0) damaged("no image size");
    check_size(name_, width, height, limits);
    size_ = {static_cast<int>(width), static_cast<int>(height)};
    check_samples();
    separate_ =
        short_tag(tiff_, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) == PLANARCONFIG_SEPARATE;
  }

  /// libtiff already replaces invalid orientations.
  [[nodiscard]] Orientation orientation() const {
    return orientation_of_tag(short_tag(tiff_, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT))
        .value_or(Orientation::top_left);
  }

  /// Reads rows that begin and end at strip boundaries; with tiles all rows.
  void read_rows(cv::Range rows) {
    pixels_.create(rows.size(), size_.width, CV_MAKETYPE(bits_ == 8 ? CV_8U : CV_16U, kept_));
    if (TIFFIsTiled(tiff_) != 0) {
      read_tiles();
    } else {
      read_strips(rows);
    }
  }

  [[noreturn]] void damaged(const std::string& what) const {
    throw Error(ErrorKind::unreadable,
                "read " + name_ + ": expected a whole TIFF, got damage: " +
                    (source_.first_error.empty() ? what : source_.first_error));
  }
  [[noreturn]] void other(const std::string& expected, const std::string& got) const {
    throw Error(ErrorKind::unsupported,
                "read " + name_ + ": expected a TIFF of " + expected + ", got " + got);
  }

  void check_samples() {
    bits_ = short_tag(tiff_, TIFFTAG_BITSPERSAMPLE, 1);
    samples_ = short_tag(tiff_, TIFFTAG_SAMPLESPERPIXEL, 1);
    const auto format = short_tag(tiff_, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);
    const auto compression = short_tag(tiff_, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
    photometric_ = short_tag(tiff_, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
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

  /// Of the extra samples (TIFF 6.0, ExtraSamples) only transparency affects the display, and only
  /// if the colours are not premultiplied.
  void choose_samples(int colours) {
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

  /// Applies the tags to pixels after reading.
  void finish_pixels() {
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

  /// Copies a block of rows of one sample (separate planes) or of all samples into the image.
  void place(const std::uint8_t* block, int block_width, cv::Rect where, int plane) {
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

  [[nodiscard]] int rows_a_strip() const {
    const auto height = static_cast<std::uint32_t>(size_.height);
    const auto rows = std::min(tag(tiff_, TIFFTAG_ROWSPERSTRIP, height), height);
    if (rows == 0) damaged("no rows in a strip");
    return static_cast<int>(rows);
  }

  /// Decodes the strip starting at a row; the result is valid until the next call.
  const std::uint8_t* decode_strip(int top, int rows, int plane) {
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

  [[nodiscard]] std::uint32_t strip_at(int top, int plane) const {
    return TIFFComputeStrip(tiff_, static_cast<std::uint32_t>(top),
                            static_cast<std::uint16_t>(plane));
  }

  void read_strips(cv::Range wanted) {
    const int rows = rows_a_strip();
    for (int plane = 0; plane < (separate_ ? kept_ : 1); ++plane) {
      for (int top = wanted.start; top < wanted.end; top += rows) {
        const int count = std::min(rows, wanted.end - top);
        place(decode_strip(top, count, plane), size_.width,
              {0, top - wanted.start, size_.width, count}, plane);
      }
    }
  }

  /// Stored bytes of a strip; empty if they would lie beyond the file.
  [[nodiscard]] std::string_view stored_strip(int top) const {
    const auto strip = strip_at(top, 0);
    const auto at = TIFFGetStrileOffset(tiff_, strip);
    const auto size = TIFFGetStrileByteCount(tiff_, strip);
    const std::string_view file = source_.bytes;
    return at <= file.size() && size <= file.size() - at ? file.substr(at, size)
                                                         : std::string_view();
  }

  /// Rows from the first to the last strip that is not blank. Blank strips have identical bytes, so
  /// that only one of them is decoded.
  cv::Range rows_with_something() {
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

  void read_tiles() {
    const auto tile_width = static_cast<int>(tag(tiff_, TIFFTAG_TILEWIDTH, 0));
    const auto tile_height = static_cast<int>(tag(tiff_, TIFFTAG_TILELENGTH, 0));
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

  void look_up_palette() {
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

  TIFF* tiff_;
  const Source& source_;
  const std::string& name_;
  std::uint16_t bits_ = 8;
  std::uint16_t samples_ = 1;
  std::uint16_t photometric_ = PHOTOMETRIC_MINISBLACK;
  bool separate_ = false;
  int kept_ = 1;                ///< samples read, out of samples_: colours, then transparency
  bool premultiplied_ = false;  ///< colours are multiplied by the transparency
  std::vector<std::string> notes_;
  cv::Size size_;
  cv::Mat pixels_;
  std::vector<std::uint8_t> strip_;
};

/// Offset of a page's directory, and its kind.
struct Page {
  std::uint64_t at = 0;
  bool reduced = false, mask = false;
  std::int64_t pixels = 0;
};

/// Raw bytes of a TIFF's directories, for checks that libtiff does not make.
class DirectoryBytes {
 public:
  DirectoryBytes(TIFF* tiff, std::string_view file)
      : file_(file), high_first_(TIFFIsBigEndian(tiff) != 0), big_(TIFFIsBigTIFF(tiff) != 0) {}

  /// The old SubfileType (255) of the directory at an offset; 0 if absent.
  [[nodiscard]] std::uint64_t old_kind(std::uint64_t at) const {
    const std::uint64_t entries = entries_of(at);
    for (std::uint64_t i = 0; i < entries; ++i) {
      const std::uint64_t entry = at + count_size() + i * entry_size();
      const bool is_word = number(entry + 2, 2) == TIFF_SHORT;
      if (number(entry, 2) == TIFFTAG_OSUBFILETYPE && is_word)
        return number(entry + (big_ ? 12 : 8), 2);
    }
    return 0;
  }

  /// Whether the link to the next directory lies within the file. libtiff treats a directory
  /// without it as the last one.
  [[nodiscard]] bool has_link(std::uint64_t at) const {
    const std::uint64_t link = at + count_size() + entries_of(at) * entry_size();
    return link + (big_ ? 8 : 4) <= file_.size();
  }

 private:
  [[nodiscard]] std::uint64_t count_size() const { return big_ ? 8 : 2; }
  [[nodiscard]] std::uint64_t entry_size() const { return big_ ? 20 : 12; }
  [[nodiscard]] std::uint64_t entries_of(std::uint64_t at) const {
    return std::min<std::uint64_t>(number(at, count_size()), 0xFFFF);
  }

  /// 0 beyond the end of the file.
  [[nodiscard]] std::uint64_t number(std::uint64_t where, std::uint64_t size) const {
    std::uint64_t value = 0;
    if (where > file_.size() || size > file_.size() - where) return value;
    for (std::uint64_t i = 0; i < size; ++i) {
      const std::uint64_t place = high_first_ ? where + i : where + size - 1 - i;
      value = value << 8U | static_cast<unsigned char>(file_[place]);
    }
    return value;
  }

  std::string_view file_;
  bool high_first_, big_;
};

Page page_here(TIFF* tiff, std::string_view file) {
  Page page;
  page.at = TIFFCurrentDirOffset(tiff);
  const std::uint32_t kind = tag(tiff, TIFFTAG_SUBFILETYPE, 0);
  page.mask = (kind & FILETYPE_MASK) != 0;
  page.reduced = (kind & FILETYPE_REDUCEDIMAGE) != 0 ||
                 DirectoryBytes(tiff, file).old_kind(page.at) == OFILETYPE_REDUCEDIMAGE;
  page.pixels = std::int64_t{tag(tiff, TIFFTAG_IMAGEWIDTH, 0)} * tag(tiff, TIFFTAG_IMAGELENGTH, 0);
  return page;
}

/// Adds the subdirectories of this directory, up to `most` in total.
void add_sub_directories(TIFF* tiff, std::size_t most, std::vector<std::uint64_t>& all) {
  std::uint16_t count = 0;
  const std::uint64_t* offsets = nullptr;
  if (TIFFGetField(tiff, TIFFTAG_SUBIFD, &count, &offsets) != 1 || offsets == nullptr) return;
  const auto taken = std::min<std::size_t>(count, most - all.size());
  all.insert(all.end(), offsets, offsets + taken);
}

/// The pages that are images in their own right: neither reduced copies nor masks of others. If all
/// pages are masks, all are returned; of reduced copies alone, the largest.
std::vector<Page> own_pages(const std::vector<Page>& all) {
  std::vector<Page> pages;
  for (const bool masks : {false, true}) {
    std::copy_if(all.begin(), all.end(), std::back_inserter(pages),
                 [&](const Page& page) { return !page.reduced && page.mask == masks; });
    if (!pages.empty()) return pages;
  }
  const auto largest = std::max_element(
      all.begin(), all.end(), [](const Page& a, const Page& b) { return a.pixels < b.pixels; });
  if (largest != all.end()) pages.push_back(*largest);
  return pages;
}

/// Limit of pages including reduced copies and masks. Each directory may refer to tables as long as
/// the file, so that time grows with their number.
constexpr std::size_t kMostDirectories = 256;

/// An open TIFF and its pages.
class Document {
 public:
  Document(const std::string& bytes, const std::string& name)
      : source_{bytes, 0, {}}, name_(name), tiff_(open_tiff(source_)) {
    if (!tiff_) damaged();
  }

  /// Directories of the chain; if these are all reduced copies, also their subdirectories (DNG and
  /// others store the full image there).
  std::vector<Page> pages() {
    constexpr std::size_t kMostBelow = 64;
    std::vector<Page> all;
    std::vector<std::uint64_t> below;
    do {
      if (all.size() == kMostDirectories) too_many();
      all.push_back(page_here(tiff_.get(), source_.bytes));
      add_sub_directories(tiff_.get(), kMostBelow, below);
      source_.first_error.clear();
    } while (TIFFReadDirectory(tiff_.get()) == 1);
    // A chain broken by truncation also ends the loop, but sets an error.
    if (!source_.first_error.empty()) damaged();
    last_ = all.back().at;
    const bool reduced_only =
        std::all_of(all.begin(), all.end(), [](const Page& page) { return page.reduced; });
    if (!reduced_only) below.clear();
    for (const auto at : below) {
      if (TIFFSetSubDirectory(tiff_.get(), at) == 1)
        all.push_back(page_here(tiff_.get(), source_.bytes));
    }
    return own_pages(all);
  }

  /// Whether the chain's last directory, as found by pages(), declares itself the last.
  [[nodiscard]] bool is_chain_whole() const {
    return DirectoryBytes(tiff_.get(), source_.bytes).has_link(last_);
  }

  PageReader reader(const Page& page) {
    if (TIFFSetSubDirectory(tiff_.get(), page.at) != 1) damaged();
    source_.first_error.clear();  // errors about tags that libtiff can do without
    return {tiff_.get(), source_, name_};
  }

 private:
  [[noreturn]] void damaged() const {
    throw Error(ErrorKind::unreadable,
                "read " + name_ + ": expected a whole TIFF, got damage: " +
                    (source_.first_error.empty() ? "no page" : source_.first_error));
  }
  [[noreturn]] void too_many() const {
    throw Error(ErrorKind::unsupported, "read " + name_ + ": expected a TIFF of at most " +
                                            std::to_string(kMostDirectories) +
                                            " directories, got more");
  }

  Source source_;
  const std::string& name_;
  TiffHandle tiff_;
  std::uint64_t last_ = 0;  ///< offset of the chain's last directory
};

/// Calls `visit` with a reader for every page that is an image in its own right.
template <typename Visit>
void for_each_page(const std::string& bytes, const std::string& name, int most_pages,
                   Visit&& visit) {
  Document document(bytes, name);
  const std::vector<Page> pages = document.pages();
  if (static_cast<int>(pages.size()) > most_pages) {
    throw Error(ErrorKind::unsupported, "read " + name + ": expected a TIFF of " +
                                            std::to_string(most_pages) + " page(s), got " +
                                            std::to_string(pages.size()));
  }
  for (const Page& page : pages) visit(document.reader(page));
}

}  // namespace

bool is_tiff(const std::string& bytes) {
  const std::string start = bytes.substr(0, 4);
  // 42: classic TIFF; 43: BigTIFF.
  return start == std::string("II*\0", 4) || start == std::string("MM\0*", 4) ||
         start == std::string("II+\0", 4) || start == std::string("MM\0+", 4);
}

std::vector<Raster> decode_tiff(const std::string& bytes, const std::string& name, int most_pages,
                                const RasterLimits& limits) {
  std::vector<Raster> rasters;
  for_each_page(bytes, name, most_pages,
                [&](PageReader page) { rasters.push_back(page.read(limits)); });
  return rasters;
}

std::vector<TiffBand> decode_tiff_bands(const std::string& bytes, const std::string& name,
                                        int most_pages, const RasterLimits& limits) {
  std::vector<TiffBand> bands;
  for_each_page(bytes, name, most_pages,
                [&](PageReader page) { bands.push_back(page.read_band(limits)); });
  return bands;
}

bool is_tiff_chain_whole(const std::string& bytes, const std::string& name) {
  Document document(bytes, name);
  document.pages();
  return document.is_chain_whole();
}

}  // namespace spine
