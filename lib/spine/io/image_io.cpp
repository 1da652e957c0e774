#include "spine/io/image_io.h"

#include <algorithm>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "spine/core/error.h"
#include "spine/io/codecs/jpeg_codec.h"
#include "spine/io/codecs/png_codec.h"
#include "spine/io/codecs/png_writer.h"
#include "spine/io/codecs/tiff_codec.h"
#include "spine/io/dicom/dicom_io.h"
#include "spine/io/dicom/dicom_scan.h"
#include "spine/util/atomic_file.h"
#include "spine/util/text.h"

namespace spine {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(ErrorKind kind, const fs::path& file, const std::string& what) {
  throw Error(kind, "read " + file.string() + ": " + what);
}

/// Describes a file's content by its signature, for error messages.
std::string what_it_is(const std::string& bytes) {
  const auto starts = [&](std::string_view magic, std::size_t at = 0) {
    return bytes.size() >= at + magic.size() && bytes.compare(at, magic.size(), magic) == 0;
  };
  if (bytes.empty()) return "an empty file";
  if (starts("GIF8")) return "a GIF";
  if (starts("BM")) return "a BMP";
  if (starts("RIFF") && starts("WEBP", 8)) return "a WebP";
  if (starts("%PDF")) return "a PDF";
  if (starts("PK\x03\x04")) return "a ZIP archive";
  if (starts(std::string_view("\0\0\0\x0cjP  ", 8))) return "a JPEG 2000 file outside DICOM";
  return "something else";
}

/// Converts to grey as displayed on black: luma of colours, multiplied by alpha.
cv::Mat flatten(const Raster& raster, std::vector<std::string>& notes) {
  std::vector<cv::Mat> channels;
  cv::split(raster.pixels, channels);
  cv::Mat alpha;
  if (channels.size() % 2 == 0) {
    alpha = channels.back();
    channels.pop_back();
  }
  cv::Mat grey = channels.front();
  if (channels.size() == 3) {
    const bool same = cv::norm(channels[0], channels[1], cv::NORM_INF) == 0 &&
                      cv::norm(channels[0], channels[2], cv::NORM_INF) == 0;
    if (!same) {
      cv::Mat colour;
      cv::merge(channels, colour);
      cv::cvtColor(colour, grey, cv::COLOR_RGB2GRAY);
      notes.emplace_back("colour was converted to grey");
    }
  }
  if (raster.white_is_zero) grey = ~grey;
  if (!alpha.empty()) {
    const double opaque = alpha.depth() == CV_8U ? 255 : 65535;
    double lowest = 0;
    cv::minMaxLoc(alpha, &lowest);
    if (lowest < opaque) {
      cv::multiply(grey, alpha, grey, 1 / opaque);
      notes.emplace_back("transparency was composited on black");
    }
  }
  return grey;
}

Raster decode(const std::string& bytes, const fs::path& file, const ReadOptions& options) {
  RasterLimits limits;
  limits.max_side = options.max_side;
  const std::string name = file.string();
  if (is_png(bytes)) return decode_png(bytes, name, limits);
  if (is_jpeg(bytes)) return decode_jpeg(bytes, name, limits);
  if (is_tiff(bytes)) return decode_tiff(bytes, name, 1, limits).front();
  fail(bytes.empty() ? ErrorKind::unreadable : ErrorKind::unsupported, file,
       "expected PNG, JPEG, TIFF or DICOM, got " + what_it_is(bytes));
}

/// Sets the pixel shape declared by the file, in the frame of the upright film.
void take_pixel_shape(const Raster& raster, const ReadOptions& options, FilmInfo& info) {
  if (!raster.pixel_aspect) return;
  const bool exchanged = exchanges_sides(raster.orientation);
  const double height_over_width = exchanged ? 1 / *raster.pixel_aspect : *raster.pixel_aspect;
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", height_over_width);
  info.notes.push_back(
      std::string("pixels are ") + text + " times as high as wide by the file's resolution" +
      (options.spacing ? "; the spacing that was given is used" : ": angles allow for it"));
  info.spacing = relative_spacing(height_over_width);
  info.spacing_source = SpacingSource::aspect_ratio;
}

Image film_of(const Raster& raster, const fs::path& file, const ReadOptions& options) {
  FilmInfo info;
  cv::Mat grey = flatten(raster, info.notes);
  info.notes.insert(info.notes.end(), raster.notes.begin(), raster.notes.end());
  info.orientation = raster.orientation;
  if (raster.orientation != Orientation::top_left) {
    grey = upright(grey, raster.orientation);
    info.notes.push_back("rotated upright by the file's orientation " +
                         std::to_string(static_cast<int>(raster.orientation)));
  }
  take_pixel_shape(raster, options, info);
  return finish_film(file, grey, std::move(info), false, options);
}

}  // namespace

Image read_film(const fs::path& file, const ReadOptions& options) {
  const std::string bytes = read_file(file);
  // Checked first: the preamble of a DICOM file may resemble a TIFF.
  MemorySource source(bytes);
  if (is_dicom(source)) return read_dicom(bytes, file, options);
  return film_of(decode(bytes, file, options), file, options);
}

bool looks_like_film(const fs::path& file) {
  std::error_code ignored;
  if (!fs::is_regular_file(file, ignored)) return false;
  FileSource source(file);
  const std::string start = source.read(0, 16);
  return is_png(start) || is_jpeg(start) || is_tiff(start) || is_dicom(source);
}

void write_image(const fs::path& file, const cv::Mat& pixels) {
  const std::string extension = lower_case(file.extension().string());
  if (extension == ".png") return write_file_atomically(file, encode_png(pixels));
  std::vector<int> parameters;
  if (extension == ".jpg" || extension == ".jpeg") parameters = {cv::IMWRITE_JPEG_QUALITY, 92};
  std::vector<unsigned char> bytes;
  bool encoded = false;
  try {
    encoded = cv::imencode(extension, pixels, bytes, parameters);
  } catch (const cv::Exception&) {
    encoded = false;
  }
  if (!encoded) {
    throw Error(ErrorKind::internal, "write " + file.string() +
                                         ": expected .png, .tif or .jpg of 8 or 16 bits, got \"" +
                                         extension + "\" and " + cv::typeToString(pixels.type()));
  }
  write_file_atomically(file, std::as_bytes(std::span(bytes)));
}

}  // namespace spine
