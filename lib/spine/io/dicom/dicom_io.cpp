#include "spine/io/dicom/dicom_io.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>
#include <opencv2/imgproc.hpp>

#include "spine/core/error.h"
#include "spine/io/codecs/polarity.h"
#include "spine/io/codecs/raster.h"
#include "spine/io/dicom/dicom_file.h"
#include "spine/io/dicom/dicom_lut.h"
#include "spine/io/dicom/dicom_orientation.h"
#include "spine/io/dicom/dicom_pixels.h"
#include "spine/io/dicom/dicom_selection.h"
#include "spine/io/dicom/dicom_spacing.h"
#include "spine/io/dicom/dicom_tags.h"
#include "spine/util/atomic_file.h"

namespace spine {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(ErrorKind kind, const fs::path& file, const std::string& what) {
  throw Error(kind, "read " + file.string() + ": " + what);
}

// --- Acceptance ---

void check_kind(DcmItem& data, const fs::path& file) {
  const std::string modality = tag_text(data, DCM_Modality);
  const std::string sop_class = tag_text(data, DCM_SOPClassUID);
  if (may_be_radiograph(modality, sop_class)) return;
  fail(ErrorKind::unsupported, file,
       "expected a CR, DX, RG, RF or OT image, got modality " +
           (modality.empty() ? "(none)" : display_code(modality)) + ", " +
           display_class(sop_class));
}

int number_of_frames(DcmItem& data) {
  return std::max(1, tag_integer(data, DCM_NumberOfFrames).value_or(1));
}

void check_pixels(const DicomFile& dicom, const fs::path& file, const ReadOptions& options) {
  DcmItem& data = *dicom.data;
  if (!dicom.layout.has_pixels) {
    const std::string what = dicom.layout.has_float_pixels ? "float pixels" : "none";
    fail(ErrorKind::unsupported, file, "expected pixel data, got " + what);
  }
  const int frames = number_of_frames(data);
  if (frames > 1 && !options.frame) {
    fail(ErrorKind::unsupported, file,
         "expected one frame or --frame, got " + std::to_string(frames) + " frames");
  }
  if (options.frame && *options.frame > frames) {
    fail(ErrorKind::unsupported, file,
         "expected frame " + std::to_string(*options.frame) + ", got " + std::to_string(frames));
  }
  const int rows = tag_word(data, DCM_Rows, 0);
  const int columns = tag_word(data, DCM_Columns, 0);
  if (rows == 0 || columns == 0)
    fail(ErrorKind::unreadable, file, "expected rows and columns, got none");
  RasterLimits limits;
  limits.max_side = options.max_side;
  check_size(file.string(), columns, rows, limits);
}

void check_format(const StoredPixels& stored, const fs::path& file) {
  const int allocated = stored.samples.depth() == CV_8U ? 8 : 16;
  if (stored.format.bits_stored < 1 || stored.format.bits_stored > allocated) {
    fail(ErrorKind::unreadable, file,
         "expected bits stored within " + std::to_string(allocated) + " allocated, got " +
             std::to_string(stored.format.bits_stored));
  }
}

// --- Grey values ---

/// 16-bit luma of a colour image.
cv::Mat luma(const StoredPixels& stored, const fs::path& file) {
  cv::Mat grey;
  const std::string& kind = stored.photometric;
  // The decoder already reversed JPEG 2000's colour transforms.
  if (kind == "RGB" || kind == "YBR_RCT" || kind == "YBR_ICT") {
    cv::cvtColor(stored.samples, grey, cv::COLOR_RGB2GRAY);
  } else if (kind == "YBR_FULL") {
    cv::extractChannel(stored.samples, grey, 0);
  } else if (kind == "YBR_PARTIAL") {
    // Luma from 16 to 235 (PS3.3 C.7.6.3.1.2).
    cv::extractChannel(stored.samples, grey, 0);
    grey.convertTo(grey, CV_8U, 255.0 / 219, -16 * 255.0 / 219);
  } else {
    fail(ErrorKind::unsupported, file,
         "expected MONOCHROME or RGB pixels, got " + (kind.empty() ? "none" : display_code(kind)));
  }
  if (grey.depth() == CV_8U) grey.convertTo(grey, CV_16U, 257);
  return grey;
}

/// 16-bit luma of palette colours (PS3.3 C.7.6.3.1.5).
cv::Mat palette_luma(DcmItem& data, const StoredPixels& stored, const fs::path& file) {
  struct Palette {
    DcmTagKey descriptor, data;
    double weight;  // of ITU-R BT.601
  };
  const std::array<Palette, 3> palettes{
      {{DCM_RedPaletteColorLookupTableDescriptor, DCM_RedPaletteColorLookupTableData, 0.299},
       {DCM_GreenPaletteColorLookupTableDescriptor, DCM_GreenPaletteColorLookupTableData, 0.587},
       {DCM_BluePaletteColorLookupTableDescriptor, DCM_BluePaletteColorLookupTableData, 0.114}}};
  std::vector<double> grey(65536, 0.0);  // for every possible stored word
  for (const auto& palette : palettes) {
    const auto table =
        lookup_table(data, palette.descriptor, palette.data, stored.format.is_signed);
    if (!table) fail(ErrorKind::unsupported, file, "expected a whole palette, got none");
    const double whole = std::pow(2.0, table->bits) - 1;
    for (std::size_t word = 0; word < grey.size(); ++word) {
      const int value = stored.format.value(static_cast<std::uint16_t>(word));
      grey[word] += palette.weight * table->at(value) / whole;
    }
  }
  cv::Mat words = stored.samples, luma(words.size(), CV_16U);
  if (words.depth() == CV_8U) words.convertTo(words, CV_16U);
  for (int y = 0; y < words.rows; ++y) {
    const auto* in = words.ptr<std::uint16_t>(y);
    auto* out = luma.ptr<std::uint16_t>(y);
    for (int x = 0; x < words.cols; ++x)
      out[x] = cv::saturate_cast<std::uint16_t>(65535 * grey[in[x]]);
  }
  return luma;
}

/// Whether the tags imply a grey scale for presentation, with bright bone.
bool gives_polarity(DcmItem& data) {
  const std::string modality = tag_text(data, DCM_Modality);
  const bool radiograph = modality == "CR" || modality == "DX" || modality == "RG";
  return radiograph && tag_text(data, DCM_PresentationIntentType) != "FOR PROCESSING";
}

/// Whether bits above the stored bits contain overlays (PS3.5 8.1.2, retired).
bool has_overlay_bits(DcmItem& data) {
  for (unsigned i = 0; i < 16; ++i) {
    const auto group = static_cast<Uint16>(0x6000 + 2 * i);
    const auto allocated = tag_integer(data, DcmTagKey(group, 0x0100));
    if (allocated && *allocated > 1) return true;
  }
  return false;
}

cv::Mat as_words(const cv::Mat& samples) {
  cv::Mat words = samples;
  if (words.depth() == CV_8U) words.convertTo(words, CV_16U);
  return words;
}

/// Reads a film with one grey value per pixel.
/// @returns whether its polarity is known
bool read_grey(DcmItem& data, const StoredPixels& stored, const ReadOptions& options, cv::Mat& grey,
               FilmInfo& info) {
  const GreyPipeline pipeline = grey_pipeline(data, stored.format, stored.photometric, info.notes);
  grey = to_display(as_words(stored.samples), pipeline, info.notes);
  const bool polarity_known = gives_polarity(data);
  if (pipeline.inverse) {
    info.inverted = true;
    info.notes.emplace_back("MONOCHROME1: grey values were inverted, as the file asks for");
  }
  constexpr double kStrong = -1.5;
  if (polarity_known && options.detect_polarity && polarity_cues(grey).score() < kStrong) {
    info.notes.emplace_back("bone appears dark, contrary to the file's tags");
  }
  return polarity_known;
}

void rotate_upright(DcmItem& data, cv::Mat& grey, FilmInfo& info) {
  info.orientation = find_orientation(data, info);
  if (info.orientation == Orientation::top_left) return;
  grey = upright(grey, info.orientation);
  if (!info.spacing || !exchanges_sides(info.orientation)) return;
  if (info.spacing->relative) {
    info.spacing = relative_spacing(info.spacing->col_mm / info.spacing->row_mm);
  } else {
    std::swap(info.spacing->row_mm, info.spacing->col_mm);
  }
}

/// Converts stored pixels to a film: everything after decompression.
Image film_of(DcmItem& data, StoredPixels stored, FilmInfo info, const fs::path& file,
              const ReadOptions& options) {
  check_format(stored, file);
  find_spacing(data, info);
  if (stored.samples.channels() == 1) {
    const int allocated = stored.samples.depth() == CV_8U ? 8 : 16;
    const StoredFormat declared = stored.format;
    stored.format = finalize_format(as_words(stored.samples), declared, allocated,
                                    has_overlay_bits(data), info.notes);
    if (stored.format.bits_stored != declared.bits_stored)
      info.flags.emplace_back("grey_uncertain");
  }
  cv::Mat grey;
  bool polarity_known = false;
  if (stored.samples.channels() == 3) {
    grey = luma(stored, file);
    info.notes.emplace_back("colour was converted to grey");
  } else if (stored.samples.channels() == 1 && stored.photometric == "PALETTE COLOR") {
    grey = palette_luma(data, stored, file);
    info.notes.emplace_back("palette colours were converted to grey");
  } else if (stored.samples.channels() == 1 && stored.photometric.rfind("MONOCHROME", 0) == 0) {
    polarity_known = read_grey(data, stored, options, grey, info);
  } else {
    fail(ErrorKind::unsupported, file,
         "expected MONOCHROME, RGB or palette pixels, got " +
             (stored.photometric.empty() ? "none" : display_code(stored.photometric)) + " with " +
             std::to_string(stored.samples.channels()) + " samples");
  }
  rotate_upright(data, grey, info);
  return finish_film(file, grey, std::move(info), polarity_known, options);
}

}  // namespace

bool is_dicom(const fs::path& file) {
  FileSource source(file);
  return is_dicom(source);
}

bool is_dicom(ByteSource& source) {
  const DicomLayout layout = scan_dicom(source, DicomPart::header);
  return is_dicom_layout(layout);
}

Image read_dicom(const fs::path& file, const ReadOptions& options) {
  return read_dicom(read_file(file), file, options);
}

Image read_dicom(std::string_view bytes, const fs::path& file, const ReadOptions& options) {
  DicomFile dicom = parse_dicom(bytes, file);
  DcmDataset& data = *dicom.data;
  check_kind(data, file);
  check_pixels(dicom, file, options);
  FilmInfo info;
  info.notes = dicom.notes;
  StoredPixels stored =
      read_dicom_pixels(dicom, number_of_frames(data), options.frame.value_or(1), file, info.notes);
  return film_of(data, std::move(stored), std::move(info), file, options);
}

}  // namespace spine
