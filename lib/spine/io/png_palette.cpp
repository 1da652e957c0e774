#include "spine/io/png_palette.h"

#include <algorithm>
#include <csetjmp>
#include <cstring>

#include <png.h>

#include "spine/core/error.h"

// libpng reports errors by longjmp. Every function that calls setjmp here keeps what it changes in
// one struct that outlives the jump and has no local with a destructor.

namespace spine {
namespace {

struct Source {
  const unsigned char* data;
  std::size_t size;
  std::size_t position = 0;
};

/// First message of libpng, kept for the error.
struct Complaint {
  char text[200] = "";
};

void on_error(png_structp png, png_const_charp message) {
  auto* complaint = static_cast<Complaint*>(png_get_error_ptr(png));
  std::strncpy(complaint->text, message, sizeof(complaint->text) - 1);
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

void append(png_structp png, png_bytep data, png_size_t size) {
  auto* out = static_cast<std::vector<std::byte>*>(png_get_io_ptr(png));
  const auto* begin = reinterpret_cast<const std::byte*>(data);
  out->insert(out->end(), begin, begin + size);
}

void flush(png_structp) {}

void take(png_structp png, png_bytep data, png_size_t size) {
  auto* source = static_cast<Source*>(png_get_io_ptr(png));
  if (source->size - source->position < size) png_error(png, "the file ends too early");
  std::memcpy(data, source->data + source->position, size);
  source->position += size;
}

struct Writing {
  const cv::Mat& indices;
  std::vector<png_color> palette;
  std::vector<std::byte> out;
  Complaint complaint{};
  png_structp png = nullptr;
  png_infop info = nullptr;
};

bool write(Writing& w) {
  w.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &w.complaint, on_error, on_warning);
  w.info = png_create_info_struct(w.png);
  if (setjmp(png_jmpbuf(w.png))) return false;
  png_set_write_fn(w.png, &w.out, append, flush);
  png_set_IHDR(w.png, w.info, static_cast<png_uint_32>(w.indices.cols),
               static_cast<png_uint_32>(w.indices.rows), 8, PNG_COLOR_TYPE_PALETTE,
               PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_set_PLTE(w.png, w.info, w.palette.data(), static_cast<int>(w.palette.size()));
  png_set_compression_level(w.png, 1);
  png_set_filter(w.png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);
  png_write_info(w.png, w.info);
  for (int y = 0; y < w.indices.rows; ++y) png_write_row(w.png, w.indices.ptr(y));
  png_write_end(w.png, w.info);
  return true;
}

struct Reading {
  Source source;
  cv::Mat indices;
  int color_type = 0;
  int bit_depth = 0;
  Complaint complaint{};
  png_structp png = nullptr;
  png_infop info = nullptr;
};

bool read_header(Reading& r) {
  r.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &r.complaint, on_error, on_warning);
  r.info = png_create_info_struct(r.png);
  if (setjmp(png_jmpbuf(r.png))) return false;
  png_set_read_fn(r.png, &r.source, take);
  png_read_info(r.png, r.info);
  r.color_type = png_get_color_type(r.png, r.info);
  r.bit_depth = png_get_bit_depth(r.png, r.info);
  return true;
}

bool read_rows(Reading& r) {
  if (setjmp(png_jmpbuf(r.png))) return false;
  // One byte a pixel without scaling: index 3 of a 2-bit file stays 3.
  if (r.bit_depth < 8) png_set_packing(r.png);
  const int passes = png_set_interlace_handling(r.png);
  png_read_update_info(r.png, r.info);
  for (int pass = 0; pass < passes; ++pass) {
    for (int y = 0; y < r.indices.rows; ++y) png_read_row(r.png, r.indices.ptr(y), nullptr);
  }
  png_read_end(r.png, nullptr);
  return true;
}

}  // namespace

std::vector<std::byte> encode_indexed_png(const cv::Mat& indices, std::span<const Rgb> palette) {
  Writing w{indices, {}, {}, {}};
  for (const Rgb& c : palette) w.palette.push_back({c[0], c[1], c[2]});
  w.out.reserve(1U << 16U);
  const bool done = write(w);
  png_destroy_write_struct(&w.png, &w.info);
  if (!done) throw Error(ErrorKind::internal, std::string("encode PNG: ") + w.complaint.text);
  return std::move(w.out);
}

cv::Mat decode_indexed_png(const std::string& bytes, const std::string& name) {
  Reading r{{reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()}, {}};
  bool done = read_header(r);
  const bool colour =
      done && r.color_type != PNG_COLOR_TYPE_PALETTE && r.color_type != PNG_COLOR_TYPE_GRAY;
  const bool deep = done && r.bit_depth > 8;
  if (done && !colour && !deep) {
    r.indices.create(static_cast<int>(png_get_image_height(r.png, r.info)),
                     static_cast<int>(png_get_image_width(r.png, r.info)), CV_8UC1);
    done = read_rows(r);
  }
  png_destroy_read_struct(&r.png, &r.info, nullptr);
  if (!done) {
    throw Error(ErrorKind::unreadable,
                "read " + name + ": expected a PNG, got damage: " + r.complaint.text);
  }
  if (colour || deep) {
    throw Error(ErrorKind::unsupported, "read " + name +
                                            ": expected a palette or 8-bit grey PNG, got " +
                                            (deep ? "16 bits" : "colours"));
  }
  return r.indices;
}

}  // namespace spine
