#include "spine/io/codecs/jpeg_codec.h"

#include <array>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <string_view>
// Must follow <cstdio>, which jpeglib.h needs but does not include.
#include <jpeglib.h>
// Must follow jpeglib.h.
#include <jerror.h>

#include "spine/core/error.h"
#include "spine/io/codecs/exif.h"

// libjpeg reports errors by longjmp. Functions that call setjmp keep modified state in `Decoder`,
// which outlives the jump, and have no locals with destructors.

namespace spine {
namespace {

struct ErrorManager {
  jpeg_error_mgr base;  // first member: libjpeg's pointer to it is cast to ErrorManager
  std::jmp_buf jump;
  bool damaged;
  /// The image is a single Huffman-coded scan. libjpeg reports missing data (JWRN_HIT_MARKER), so
  /// that a missing end marker alone loses nothing.
  bool one_scan;
  int code;
  std::array<char, JMSG_LENGTH_MAX> text;
};

ErrorManager& manager_of(j_common_ptr info) { return *reinterpret_cast<ErrorManager*>(info->err); }

void keep_message(j_common_ptr info) {
  auto& manager = manager_of(info);
  manager.code = manager.base.msg_code;
  manager.base.format_message(info, manager.text.data());
}

void on_error(j_common_ptr info) {
  keep_message(info);
  std::longjmp(manager_of(info).jump, 1);
}

/// Warnings about deviations from the standard that do not affect pixels: stray bytes between
/// markers, an unknown Adobe colour transform (libjpeg assumes the usual one), a newer JFIF
/// revision, a sequential scan that names coefficients, a corrupt colour profile. All others
/// (invalid codes, lost restart markers, premature end of data) indicate damage.
bool is_harmless(const ErrorManager& manager) {
  switch (manager.base.msg_code) {
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_ADOBE_XFORM:
    case JWRN_JFIF_MAJOR:
    case JWRN_NOT_SEQUENTIAL:
    case JWRN_BOGUS_ICC:
      return true;
    case JWRN_JPEG_EOF:
      return manager.one_scan;
    default:
      return false;
  }
}

void on_message(j_common_ptr info, int level) {
  if (level >= 0) return;
  auto& manager = manager_of(info);
  if (manager.damaged || is_harmless(manager)) return;
  keep_message(info);
  manager.damaged = true;
}

void no_output(j_common_ptr) {}

/// Each scan of a progressive JPEG covers the whole image, and a scan takes only a few bytes. Ten
/// scans are usual; since damaged files are rejected anyway, decoding stops early.
void stop_when_hopeless(j_common_ptr info) {
  constexpr int kMostScans = 200;
  auto& manager = manager_of(info);
  const auto* decoder = reinterpret_cast<j_decompress_ptr>(info);
  if (decoder->input_scan_number > kMostScans && !manager.damaged) {
    manager.damaged = true;
    std::snprintf(manager.text.data(), manager.text.size(), "more than %d scans", kMostScans);
  }
  if (manager.damaged) std::longjmp(manager.jump, 1);
}

constexpr int kExifMarker = JPEG_APP0 + 1;

class Decoder {
 public:
  Decoder(const std::string& bytes, std::string name) : bytes_(bytes), name_(std::move(name)) {
    info_.err = jpeg_std_error(&manager_.base);
    manager_.base.error_exit = on_error;
    manager_.base.emit_message = on_message;
    manager_.base.output_message = no_output;
  }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  Decoder(Decoder&&) = delete;
  Decoder& operator=(Decoder&&) = delete;
  ~Decoder() { jpeg_destroy_decompress(&info_); }

  Raster decode(const RasterLimits& limits) {
    if (!read_header()) fail();
    check_size(name_, info_.image_width, info_.image_height, limits);
    if (info_.num_components != 1 && info_.num_components != 3) {
      throw Error(ErrorKind::unsupported, "read " + name_ + ": expected a grey or RGB JPEG, got " +
                                              std::to_string(info_.num_components) + " channels");
    }
    const bool grey = info_.num_components == 1;
    info_.out_color_space = grey ? JCS_GRAYSCALE : JCS_RGB;
    pixels_.create(static_cast<int>(info_.image_height), static_cast<int>(info_.image_width),
                   grey ? CV_8UC1 : CV_8UC3);
    Raster raster;
    read_tags(raster);  // before libjpeg frees the markers
    if (!read_rows() || manager_.damaged) fail();
    raster.pixels = pixels_;
    return raster;
  }

 private:
  bool read_header() {
    if (setjmp(manager_.jump)) return false;
    jpeg_create_decompress(&info_);
    jpeg_mem_src(&info_, reinterpret_cast<const unsigned char*>(bytes_.data()), bytes_.size());
    constexpr unsigned kWholeMarkers = 0xFFFF;
    jpeg_save_markers(&info_, kExifMarker, kWholeMarkers);
    jpeg_read_header(&info_, TRUE);
    progress_.progress_monitor = stop_when_hopeless;
    info_.progress = &progress_;
    manager_.one_scan = jpeg_has_multiple_scans(&info_) == FALSE && info_.arith_code == FALSE;
    return true;
  }
  /// The first EXIF block with a tag is used; other APP1 content (XMP) is ignored.
  void read_tags(Raster& raster) const {
    if (info_.saw_JFIF_marker != FALSE) {
      take_resolution(raster, info_.X_density, info_.Y_density, "JFIF");
    }
    std::optional<int> orientation;
    for (const auto* marker = info_.marker_list; marker != nullptr; marker = marker->next) {
      const std::string_view bytes(reinterpret_cast<const char*>(marker->data),
                                   marker->data_length);
      if (marker->marker != kExifMarker || !bytes.starts_with("Exif")) continue;
      const ExifTags tags = read_exif(bytes);
      if (!orientation) orientation = tags.orientation;
      if (tags.x_resolution) {
        take_resolution(raster, *tags.x_resolution, *tags.y_resolution, "EXIF");
      }
    }
    take_orientation(raster, orientation);
  }
  bool read_rows() {
    if (setjmp(manager_.jump)) return false;
    jpeg_start_decompress(&info_);
    while (info_.output_scanline < info_.output_height) {
      JSAMPROW row = pixels_.ptr(static_cast<int>(info_.output_scanline));
      jpeg_read_scanlines(&info_, &row, 1);
    }
    jpeg_finish_decompress(&info_);
    return true;
  }
  [[noreturn]] void fail() const {
    const bool other_kind = manager_.code == JERR_BAD_PRECISION ||
                            manager_.code == JERR_SOF_UNSUPPORTED ||
                            manager_.code == JERR_CONVERSION_NOTIMPL;
    throw Error(other_kind ? ErrorKind::unsupported : ErrorKind::unreadable,
                "read " + name_ + ": expected a whole 8-bit JPEG, got: " + manager_.text.data());
  }

  const std::string& bytes_;
  std::string name_;
  ErrorManager manager_{};
  jpeg_decompress_struct info_{};
  jpeg_progress_mgr progress_{};
  cv::Mat pixels_;
};

}  // namespace

bool is_jpeg(const std::string& bytes) { return bytes.compare(0, 3, "\xff\xd8\xff") == 0; }

Raster decode_jpeg(const std::string& bytes, const std::string& name, const RasterLimits& limits) {
  return Decoder(bytes, name).decode(limits);
}

}  // namespace spine
