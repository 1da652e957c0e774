#include "spine/io/codecs/png_codec.h"

#include <csetjmp>
#include <cstring>
#include <new>
#include <string_view>

#include <png.h>

#include "spine/core/error.h"
#include "spine/io/codecs/exif.h"
#include "spine/io/codecs/png_chunks.h"
#include "spine/io/codecs/png_rows.h"

// libpng reports errors by longjmp. Functions that call setjmp keep modified state in a struct that
// outlives the jump, and have no locals with destructors.

namespace spine {
namespace {

constexpr png_alloc_size_t kMaxChunkBytes = 4U << 20U;
constexpr png_uint_32 kMaxChunks = 64;

/// First message of libpng, for the error.
struct FirstError {
  std::array<char, 200> text{};
};

void on_error(png_structp png, png_const_charp message) {
  auto* first_error = static_cast<FirstError*>(png_get_error_ptr(png));
  std::strncpy(first_error->text.data(), message, first_error->text.size() - 1);
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

struct Source {
  const unsigned char* data;
  std::size_t size;
  std::size_t position = 0;
};

void take(png_structp png, png_bytep data, png_size_t size) {
  auto* source = static_cast<Source*>(png_get_io_ptr(png));
  if (source->size - source->position < size) png_error(png, "the file ends too early");
  std::memcpy(data, source->data + source->position, size);
  source->position += size;
}

/// Whether every chunk lies within the file. libpng allocates the claimed size of a chunk before
/// reading it.
bool holds_its_chunks(const std::string& bytes) {
  for (std::size_t at = kPngSignature.size(); at + kPngChunkHead <= bytes.size();) {
    const std::size_t length = png_number(bytes, at);
    if (length > bytes.size() - at - kPngChunkHead) return false;
    if (bytes.compare(at + 4, 4, "IEND") == 0) return true;
    at += kPngChunkHead + length + kPngChunkChecksum;
  }
  return true;  // any other missing part is reported by libpng
}

/// An open PNG: header, then rows. Throws on damage.
class Reader {
 public:
  Reader(const std::string& bytes, std::string name)
      : bytes_(bytes),
        source_{reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()},
        name_(std::move(name)) {
    if (!holds_its_chunks(bytes)) {
      std::strncpy(first_error_.text.data(), "the file ends too early",
                   first_error_.text.size() - 1);
      fail();
    }
    if (read_header()) return;
    const bool no_memory = png_ == nullptr || info_ == nullptr || end_info_ == nullptr;
    close();
    if (no_memory) throw std::bad_alloc();
    fail();
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  Reader(Reader&&) = delete;
  Reader& operator=(Reader&&) = delete;
  ~Reader() { close(); }

  [[nodiscard]] int width() const { return static_cast<int>(png_get_image_width(png_, info_)); }
  [[nodiscard]] int height() const { return static_cast<int>(png_get_image_height(png_, info_)); }
  [[nodiscard]] int bit_depth() const { return png_get_bit_depth(png_, info_); }
  [[nodiscard]] int color_type() const { return png_get_color_type(png_, info_); }

  /// @param expand  convert palettes to colour, scale low bit depths to 8 bits, transparency to
  ///     alpha
  Raster read(bool expand) {
    const bool usual = is_usual();
    if (!prepare(expand)) fail();
    const int depth = png_get_bit_depth(png_, info_) > 8 ? CV_16U : CV_8U;
    pixels_.create(height(), width(), CV_MAKETYPE(depth, png_get_channels(png_, info_)));
    if (!(usual && read_usual_png(bytes_, pixels_)) && !read_rows()) fail();
    Raster raster{pixels_};
    read_resolution(raster);
    read_exif_into(raster);
    return raster;
  }

 private:
  bool read_header() {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, &first_error_, on_error, on_warning);
    if (png_ == nullptr) return false;
    info_ = png_create_info_struct(png_);
    end_info_ = png_create_info_struct(png_);
    if (info_ == nullptr || end_info_ == nullptr) return false;
    if (setjmp(png_jmpbuf(png_))) return false;
    png_set_read_fn(png_, &source_, take);
    // Limits compressed text and profiles: a small chunk can expand a thousandfold, and a file may
    // contain any number of them.
    png_set_chunk_malloc_max(png_, kMaxChunkBytes);
    png_set_chunk_cache_max(png_, kMaxChunks);
    png_read_info(png_, info_);
    return true;
  }
  bool prepare(bool expand) {
    if (setjmp(png_jmpbuf(png_))) return false;
    if (expand) {
      png_set_expand(png_);
    } else {
      png_set_packing(png_);
    }
    png_set_swap(png_);  // 16-bit values are stored big-endian
    passes_ = png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    return true;
  }
  /// Whether the header meets the conditions of read_usual_png().
  [[nodiscard]] bool is_usual() const {
    return bit_depth() >= 8 && color_type() != PNG_COLOR_TYPE_PALETTE &&
           png_get_interlace_type(png_, info_) == PNG_INTERLACE_NONE &&
           png_get_valid(png_, info_, PNG_INFO_tRNS) == 0;
  }
  bool read_rows() {
    if (setjmp(png_jmpbuf(png_))) return false;
    for (int pass = 0; pass < passes_; ++pass) {
      for (int y = 0; y < pixels_.rows; ++y) png_read_row(png_, pixels_.ptr(y), nullptr);
    }
    png_read_end(png_, end_info_);
    return true;
  }
  void read_resolution(Raster& raster) const {
    png_uint_32 along_x = 0, along_y = 0;
    int unit = 0;
    if (png_get_pHYs(png_, info_, &along_x, &along_y, &unit) == 0) return;
    take_resolution(raster, along_x, along_y, "pHYs");
  }
  /// Reads the chunk eXIf, or a text profile written by ImageMagick, before or after the pixels.
  void read_exif_into(Raster& raster) const {
    std::string block;
    for (png_infop info : {info_, end_info_}) {
      if (block.empty()) block = exif_chunk(info);
    }
    for (png_infop info : {info_, end_info_}) {
      if (block.empty()) block = exif_text(info);
    }
    const ExifTags tags = read_exif(block);
    take_orientation(raster, tags.orientation);
    if (tags.x_resolution) take_resolution(raster, *tags.x_resolution, *tags.y_resolution, "EXIF");
  }
  [[nodiscard]] std::string exif_chunk(png_infop info) const {
    png_uint_32 size = 0;
    png_bytep bytes = nullptr;
    if (png_get_eXIf_1(png_, info, &size, &bytes) == 0 || bytes == nullptr) return {};
    return {reinterpret_cast<const char*>(bytes), size};
  }
  [[nodiscard]] std::string exif_text(png_infop info) const {
    png_textp texts = nullptr;
    int count = 0;
    png_get_text(png_, info, &texts, &count);
    for (int i = 0; i < count; ++i) {
      const std::string_view key = texts[i].key;
      if (key != "Raw profile type exif" && key != "Raw profile type APP1") continue;
      const bool international = texts[i].compression > 0;  // iTXt
      const std::size_t size = international ? texts[i].itxt_length : texts[i].text_length;
      std::string block = raw_profile(std::string_view(texts[i].text, size));
      if (read_exif(block).orientation || read_exif(block).x_resolution) return block;
    }
    return {};
  }
  void close() { png_destroy_read_struct(&png_, &info_, &end_info_); }
  [[noreturn]] void fail() const {
    throw Error(ErrorKind::unreadable, "read " + name_ + ": expected a whole PNG, got damage: " +
                                           first_error_.text.data());
  }

  const std::string& bytes_;
  Source source_;
  std::string name_;
  FirstError first_error_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;      ///< chunks before the pixels
  png_infop end_info_ = nullptr;  ///< chunks after the pixels
  cv::Mat pixels_;
  int passes_ = 1;
};

/// Whether a chunk "acTL" precedes the image data, as in the APNG extension.
bool is_animated(const std::string& bytes) {
  std::size_t at = kPngSignature.size();
  while (at + 8 <= bytes.size()) {
    const std::size_t length = png_number(bytes, at);
    const std::string_view type = std::string_view(bytes).substr(at + 4, 4);
    if (type == "acTL") return true;
    if (type == "IDAT") return false;
    at += 12 + length;
  }
  return false;
}

}  // namespace

bool is_png(const std::string& bytes) {
  return bytes.compare(0, kPngSignature.size(), kPngSignature) == 0;
}

Raster decode_png(const std::string& bytes, const std::string& name, const RasterLimits& limits) {
  Reader reader(bytes, name);
  if (is_animated(bytes)) {
    throw Error(ErrorKind::unsupported,
                "read " + name + ": expected a single image, got an animation");
  }
  check_size(name, reader.width(), reader.height(), limits);
  return reader.read(true);
}

cv::Mat decode_indexed_png(const std::string& bytes, const std::string& name,
                           const RasterLimits& limits) {
  Reader reader(bytes, name);
  const int type = reader.color_type();
  const bool plain = type == PNG_COLOR_TYPE_PALETTE || type == PNG_COLOR_TYPE_GRAY;
  if (!plain || reader.bit_depth() > 8) {
    throw Error(ErrorKind::unsupported, "read " + name +
                                            ": expected a palette or 8-bit grey PNG, got " +
                                            (plain ? "16 bits" : "colours or alpha"));
  }
  check_size(name, reader.width(), reader.height(), limits);
  const Raster raster = reader.read(false);
  return upright(raster.pixels, raster.orientation);
}

}  // namespace spine
