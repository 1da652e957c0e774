#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/io/codecs/raster.h"
#include "spine/io/codecs/tiff_codec.h"
#include "spine/io/codecs/tiff_memory.h"

namespace spine {

/// Decodes the current page of an open TIFF.
class TiffPageReader {
 public:
  TiffPageReader(TIFF* tiff, const TiffMemory& memory, const std::string& name)
      : tiff_(tiff), memory_(memory), name_(name) {}

  Raster read(const RasterLimits& limits);

  TiffBand read_band(const RasterLimits& limits);

 private:
  void check(const RasterLimits& limits);

  /// libtiff already replaces invalid orientations.
  [[nodiscard]] Orientation orientation() const;

  /// Reads rows that begin and end at strip boundaries; with tiles all rows.
  void read_rows(cv::Range rows);

  [[noreturn]] void damaged(const std::string& what) const;
  [[noreturn]] void other(const std::string& expected, const std::string& got) const;

  void check_samples();

  /// Of the extra samples (TIFF 6.0, ExtraSamples) only transparency affects the display, and only
  /// if the colours are not premultiplied.
  void choose_samples(int colours);

  /// Applies the tags to pixels after reading.
  void finish_pixels();

  /// Copies a block of rows of one sample (separate planes) or of all samples into the image.
  void place(const std::uint8_t* block, int block_width, cv::Rect where, int plane);

  [[nodiscard]] int rows_a_strip() const;

  /// Decodes the strip starting at a row; the result is valid until the next call.
  const std::uint8_t* decode_strip(int top, int rows, int plane);

  [[nodiscard]] std::uint32_t strip_at(int top, int plane) const;

  void read_strips(cv::Range wanted);

  /// Stored bytes of a strip; empty if they would lie beyond the file.
  [[nodiscard]] std::string_view stored_strip(int top) const;

  /// Rows from the first to the last strip that is not blank. Blank strips have identical bytes, so
  /// that only one of them is decoded.
  cv::Range rows_with_something();

  void read_tiles();

  void look_up_palette();

  TIFF* tiff_;
  const TiffMemory& memory_;
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

}  // namespace spine
