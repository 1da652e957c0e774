#include "spine/io/dicom_io.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <vector>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>
#include <gdcmImage.h>
#include <gdcmImageReader.h>
#include <opencv2/imgproc.hpp>

#include "spine/core/error.h"
#include "spine/io/dicom_grey.h"
#include "spine/io/dicom_runtime.h"
#include "spine/io/dicom_selection.h"
#include "spine/io/dicom_tags.h"
#include "spine/io/polarity.h"
#include "spine/io/raster.h"

namespace spine {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(ErrorKind kind, const fs::path& file, const std::string& what) {
  throw Error(kind, "read " + file.string() + ": " + what);
}

/// Spacings beyond this are slips of unit, not detectors.
constexpr double kLargestSpacing_mm = 10;

std::optional<Spacing> spacing_tag(DcmItem& item, const DcmTagKey& key) {
  const auto row = tag_number(item, key, 0);
  const auto column = tag_number(item, key, 1);
  if (!row || !column || !(*row > 0) || !(*column > 0)) return std::nullopt;
  if (*row > kLargestSpacing_mm || *column > kLargestSpacing_mm) return std::nullopt;
  return Spacing{*row, *column};
}

bool nearly_same(const Spacing& a, const Spacing& b) {
  const auto near = [](double u, double v) { return std::abs(u - v) <= 1e-4 * std::max(u, v); };
  return near(a.row_mm, b.row_mm) && near(a.col_mm, b.col_mm);
}

/// The chain of PS3.3 10.7 as clinical.md has it.
void find_spacing(DcmItem& data, FilmInfo& info) {
  const auto set = [&](const Spacing& spacing, SpacingSource source) {
    info.spacing = spacing;
    info.spacing_source = source;
  };
  const auto pixel = spacing_tag(data, DCM_PixelSpacing);
  const auto imager = spacing_tag(data, DCM_ImagerPixelSpacing);
  const bool says_calibrated = !tag_text(data, DCM_PixelSpacingCalibrationType).empty();
  if (pixel && (says_calibrated || (imager && !nearly_same(*pixel, *imager)))) {
    return set(*pixel, SpacingSource::calibrated);
  }
  if (imager) {
    const auto magnification = tag_number(data, DCM_EstimatedRadiographicMagnificationFactor);
    // Below 1 nothing can be projected; such a factor is the reciprocal or a slip.
    if (magnification && *magnification >= 1) {
      return set({imager->row_mm / *magnification, imager->col_mm / *magnification},
                 SpacingSource::magnification_corrected);
    }
    return set(*imager, SpacingSource::detector_plane);
  }
  if (pixel) return set(*pixel, SpacingSource::unknown);
  if (data.tagExistsWithValue(DCM_PixelSpacing) ||
      data.tagExistsWithValue(DCM_ImagerPixelSpacing)) {
    info.notes.emplace_back("the file's pixel spacing is no usable number and was ignored");
  }
  const auto vertical = tag_number(data, DCM_PixelAspectRatio, 0);
  const auto horizontal = tag_number(data, DCM_PixelAspectRatio, 1);
  if (vertical && horizontal && *vertical != *horizontal) {
    info.notes.emplace_back("pixels are not square but have no spacing: angles may be off");
  }
}

// --- What is read at all ---

void check_kind(DcmItem& data, const fs::path& file) {
  const std::string modality = tag_text(data, DCM_Modality);
  const std::string sop_class = tag_text(data, DCM_SOPClassUID);
  if (may_be_radiograph(modality, sop_class)) return;
  fail(ErrorKind::unsupported, file,
       "expected a CR, DX, RG, RF or OT image, got modality " +
           (modality.empty() ? "(none)" : shown_code(modality)) + ", " + shown_class(sop_class));
}

int number_of_frames(DcmItem& data) {
  Sint32 frames = 1;
  data.findAndGetSint32(DCM_NumberOfFrames, frames);
  return std::max(1, static_cast<int>(frames));
}

void check_pixels(DcmItem& data, const fs::path& file, const ReadOptions& options) {
  if (!data.tagExists(DCM_PixelData)) {
    const std::string what = data.tagExists(DCM_FloatPixelData) ? "float pixels" : "none";
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

// --- Pixels ---

/// Pixel data as stored, decompressed.
struct StoredPixels {
  cv::Mat samples;  ///< CV_8U or CV_16U, 1 or 3 interleaved channels
  std::string photometric;
  StoredFormat format;
};

struct Layout {
  int rows = 0, columns = 0, samples = 1, bits_allocated = 0;
  bool by_plane = false;
  int frame = 1;  ///< the one that is wanted
};

cv::Mat arrange(const std::uint8_t* bytes, std::size_t size, const Layout& layout,
                const fs::path& file) {
  const int depth = layout.bits_allocated == 8 ? CV_8U : CV_16U;
  const auto sample_size = static_cast<std::size_t>(layout.bits_allocated / 8);
  const std::size_t plane = static_cast<std::size_t>(layout.rows) *
                            static_cast<std::size_t>(layout.columns) * sample_size;
  const std::size_t frame = plane * static_cast<std::size_t>(layout.samples);
  const std::size_t wanted = frame * static_cast<std::size_t>(layout.frame);
  if (size < wanted) {
    fail(ErrorKind::unreadable, file,
         "expected " + std::to_string(wanted) + " bytes of pixels, got " + std::to_string(size));
  }
  // Only to be wrapped; cloned below.
  auto* data = const_cast<std::uint8_t*>(bytes + (wanted - frame));
  if (!layout.by_plane || layout.samples == 1) {
    return cv::Mat(layout.rows, layout.columns, CV_MAKETYPE(depth, layout.samples), data).clone();
  }
  std::vector<cv::Mat> planes;
  for (int i = 0; i < layout.samples; ++i) {
    planes.emplace_back(layout.rows, layout.columns, depth,
                        data + plane * static_cast<std::size_t>(i));
  }
  cv::Mat interleaved;
  cv::merge(planes, interleaved);
  return interleaved;
}

StoredFormat format_of(DcmItem& data, int bits_allocated) {
  StoredFormat format;
  format.bits_stored = tag_word(data, DCM_BitsStored, bits_allocated);
  format.high_bit = tag_word(data, DCM_HighBit, format.bits_stored - 1);
  format.is_signed = tag_word(data, DCM_PixelRepresentation, 0) == 1;
  return format;
}

bool is_compressed(E_TransferSyntax syntax) {
  return syntax != EXS_LittleEndianImplicit && syntax != EXS_LittleEndianExplicit &&
         syntax != EXS_BigEndianExplicit && syntax != EXS_DeflatedLittleEndianExplicit;
}

StoredPixels pixels_by_dcmtk(DcmDataset& data, const fs::path& file, int frame) {
  const auto stored_as = data.getOriginalXfer();
  const OFCondition decoded = data.chooseRepresentation(EXS_LittleEndianExplicit, nullptr);
  if (decoded.bad() || !data.canWriteXfer(EXS_LittleEndianExplicit)) {
    fail(is_compressed(stored_as) && decoded == EC_CannotChangeRepresentation
             ? ErrorKind::unsupported
             : ErrorKind::unreadable,
         file,
         std::string("expected pixels that can be decoded, got transfer syntax ") +
             DcmXfer(stored_as).getXferName() + ": " + decoded.text());
  }
  Layout layout;
  layout.rows = tag_word(data, DCM_Rows, 0);
  layout.columns = tag_word(data, DCM_Columns, 0);
  layout.samples = tag_word(data, DCM_SamplesPerPixel, 1);
  layout.bits_allocated = tag_word(data, DCM_BitsAllocated, 0);
  layout.by_plane = tag_word(data, DCM_PlanarConfiguration, 0) == 1;
  layout.frame = frame;
  if (layout.bits_allocated != 8 && layout.bits_allocated != 16) {
    fail(ErrorKind::unsupported, file,
         "expected 8 or 16 bits allocated, got " + std::to_string(layout.bits_allocated));
  }
  DcmElement* element = nullptr;
  data.findAndGetElement(DCM_PixelData, element);
  const std::uint8_t* bytes = nullptr;
  if (element != nullptr) {
    // Words come in the machine's order; bytes stored as words keep theirs on a little-endian one.
    Uint16* words = nullptr;
    Uint8* octets = nullptr;
    if (element->getUint16Array(words).good()) {
      bytes = reinterpret_cast<const std::uint8_t*>(words);
    } else if (element->getUint8Array(octets).good()) {
      bytes = octets;
    }
  }
  if (bytes == nullptr) fail(ErrorKind::unreadable, file, "expected pixel data, got none");
  return {arrange(bytes, element->getLengthField(), layout, file),
          tag_text(data, DCM_PhotometricInterpretation), format_of(data, layout.bits_allocated)};
}

StoredPixels pixels_by_gdcm(const fs::path& file, int frame) {
  gdcm::ImageReader reader;
  reader.SetFileName(file.c_str());
  bool sound = reader.Read();
  std::vector<char> buffer;
  const gdcm::Image& image = reader.GetImage();
  if (sound) {
    buffer.resize(image.GetBufferLength());
    sound = !buffer.empty() && image.GetBuffer(buffer.data());
  }
  if (!sound) fail(ErrorKind::unreadable, file, "expected JPEG 2000 pixels, got damaged data");
  const auto& pixel = image.GetPixelFormat();
  Layout layout;
  layout.rows = static_cast<int>(image.GetDimension(1));
  layout.columns = static_cast<int>(image.GetDimension(0));
  layout.samples = pixel.GetSamplesPerPixel();
  layout.bits_allocated = pixel.GetBitsAllocated();
  layout.by_plane = image.GetPlanarConfiguration() == 1;
  layout.frame = frame;
  if (layout.bits_allocated != 8 && layout.bits_allocated != 16) {
    fail(ErrorKind::unsupported, file,
         "expected 8 or 16 bits allocated, got " + std::to_string(layout.bits_allocated));
  }
  StoredPixels stored;
  stored.samples =
      arrange(reinterpret_cast<const std::uint8_t*>(buffer.data()), buffer.size(), layout, file);
  stored.photometric =
      gdcm::PhotometricInterpretation::GetPIString(image.GetPhotometricInterpretation().GetType());
  stored.format = {pixel.GetBitsStored(), pixel.GetHighBit(), pixel.GetPixelRepresentation() == 1};
  return stored;
}

bool is_jpeg_2000(E_TransferSyntax syntax) {
  return syntax == EXS_JPEG2000 || syntax == EXS_JPEG2000LosslessOnly;
}

void check_format(const StoredPixels& stored, const fs::path& file) {
  const int allocated = stored.samples.depth() == CV_8U ? 8 : 16;
  const auto& f = stored.format;
  if (f.bits_stored < 1 || f.bits_stored > allocated || f.high_bit < f.bits_stored - 1 ||
      f.high_bit >= allocated) {
    fail(ErrorKind::unreadable, file,
         "expected bits stored within " + std::to_string(allocated) + " allocated, got " +
             std::to_string(f.bits_stored) + " with high bit " + std::to_string(f.high_bit));
  }
}

// --- Grey values ---

/// A descriptor and its data (PS3.3 C.11.1.1.1; for palettes C.7.6.3.1.5).
std::optional<LookupTable> table_in(DcmItem& item, const DcmTagKey& descriptor_tag,
                                    const DcmTagKey& data_tag, bool is_signed) {
  std::array<int, 3> descriptor{};
  for (unsigned long i = 0; i < 3; ++i) {
    Uint16 plain = 0;
    Sint16 with_sign = 0;
    if (item.findAndGetUint16(descriptor_tag, plain, i).good()) {
      descriptor[i] = plain;
    } else if (item.findAndGetSint16(descriptor_tag, with_sign, i).good()) {
      descriptor[i] = with_sign;
    } else {
      return std::nullopt;
    }
  }
  const std::size_t entries =
      descriptor[0] == 0 ? 65536 : static_cast<std::size_t>(descriptor[0] & 0xFFFF);
  LookupTable table;
  table.first = is_signed && descriptor[1] > 32767 ? descriptor[1] - 65536 : descriptor[1];
  table.bits = std::clamp(descriptor[2], 8, 16);
  const Uint16* words = nullptr;
  unsigned long count = 0;
  if (item.findAndGetUint16Array(data_tag, words, &count).bad() || words == nullptr) {
    return std::nullopt;
  }
  if (table.bits == 8 && count * 2 == entries + entries % 2) {
    // Two entries in a word, the first in the low byte.
    for (std::size_t i = 0; i < entries; ++i) {
      table.data.push_back(static_cast<std::uint16_t>(words[i / 2] >> (i % 2 == 0 ? 0 : 8) & 0xFF));
    }
    return table;
  }
  if (count < entries) return std::nullopt;
  table.data.assign(words, words + entries);
  return table;
}

std::optional<LookupTable> lookup_table(DcmItem& data, const DcmTagKey& sequence, bool is_signed) {
  DcmItem* item = nullptr;
  if (data.findAndGetSequenceItem(sequence, item, 0).bad() || item == nullptr) return std::nullopt;
  return table_in(*item, DCM_LUTDescriptor, DCM_LUTData, is_signed);
}

std::optional<Window> first_window(DcmItem& data, std::vector<std::string>& notes) {
  const auto center = tag_number(data, DCM_WindowCenter);
  const auto width = tag_number(data, DCM_WindowWidth);
  if (!center || !width) return std::nullopt;
  Window window{*center, *width, WindowFunction::linear};
  const std::string function = tag_text(data, DCM_VOILUTFunction);
  if (function == "SIGMOID") window.function = WindowFunction::sigmoid;
  if (function == "LINEAR_EXACT") window.function = WindowFunction::linear_exact;
  const double least = window.function == WindowFunction::linear ? 1 : 0;
  const bool valid = least > 0 ? *width >= least : *width > 0;
  if (!valid) {
    notes.emplace_back("the file's window has no valid width and was ignored");
    return std::nullopt;
  }
  return window;
}

/// Padding is given as a word like the pixels themselves, with the tag's sign or without.
std::optional<std::pair<int, int>> padding_range(DcmItem& data, const StoredFormat& format) {
  const auto value_of = [&](const DcmTagKey& key) -> std::optional<int> {
    Uint16 plain = 0;
    Sint16 with_sign = 0;
    if (data.findAndGetUint16(key, plain).good()) {
      return format.is_signed && plain > 32767 ? plain - 65536 : plain;
    }
    if (data.findAndGetSint16(key, with_sign).good()) return with_sign;
    return std::nullopt;
  };
  const auto one = value_of(DCM_PixelPaddingValue);
  if (!one) return std::nullopt;
  const int other = value_of(DCM_PixelPaddingRangeLimit).value_or(*one);
  return std::pair(std::min(*one, other), std::max(*one, other));
}

GreyPipeline pipeline_of(DcmItem& data, const StoredPixels& stored,
                         std::vector<std::string>& notes) {
  GreyPipeline pipeline;
  pipeline.format = stored.format;
  pipeline.modality_lut = lookup_table(data, DCM_ModalityLUTSequence, stored.format.is_signed);
  if (!pipeline.modality_lut) {
    pipeline.slope = tag_number(data, DCM_RescaleSlope).value_or(1);
    pipeline.intercept = tag_number(data, DCM_RescaleIntercept).value_or(0);
    if (pipeline.slope == 0) {
      notes.emplace_back("the file's rescale slope is 0 and was taken as 1");
      pipeline.slope = 1;
    }
  }
  const bool may_be_negative =
      !pipeline.modality_lut && (stored.format.is_signed || pipeline.intercept < 0);
  pipeline.voi_lut = lookup_table(data, DCM_VOILUTSequence, may_be_negative);
  if (!pipeline.voi_lut) pipeline.window = first_window(data, notes);
  pipeline.padding = padding_range(data, stored.format);
  // A DX image says it twice: MONOCHROME1 has the shape INVERSE.
  pipeline.inverse =
      stored.photometric == "MONOCHROME1" || tag_text(data, DCM_PresentationLUTShape) == "INVERSE";
  return pipeline;
}

/// 16-bit luma of a colour picture.
cv::Mat luma(const StoredPixels& stored, const fs::path& file) {
  cv::Mat grey;
  const std::string& kind = stored.photometric;
  // JPEG 2000's own colour transforms were already undone by the decoder.
  if (kind == "RGB" || kind == "YBR_RCT" || kind == "YBR_ICT") {
    cv::cvtColor(stored.samples, grey, cv::COLOR_RGB2GRAY);
  } else if (kind == "YBR_FULL") {
    cv::extractChannel(stored.samples, grey, 0);
  } else {
    fail(ErrorKind::unsupported, file,
         "expected MONOCHROME or RGB pixels, got " + (kind.empty() ? "none" : shown_code(kind)));
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
  std::vector<double> grey(65536, 0.0);  // of every word that can be stored
  for (const auto& palette : palettes) {
    const auto table = table_in(data, palette.descriptor, palette.data, stored.format.is_signed);
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

/// Whether the tags promise that the grey scale is meant for looking at, so that bone is bright.
bool tells_polarity(DcmItem& data) {
  const std::string modality = tag_text(data, DCM_Modality);
  const bool radiograph = modality == "CR" || modality == "DX" || modality == "RG";
  return radiograph && tag_text(data, DCM_PresentationIntentType) != "FOR PROCESSING";
}

/// The film from stored pixels: everything after decompression.
Image film_of(DcmItem& data, const StoredPixels& stored, const fs::path& file,
              const ReadOptions& options) {
  check_format(stored, file);
  FilmInfo info;
  find_spacing(data, info);
  cv::Mat grey;
  bool polarity_known = false;
  if (stored.samples.channels() == 3) {
    grey = luma(stored, file);
    info.notes.emplace_back("colour was flattened to grey");
  } else if (stored.samples.channels() == 1 && stored.photometric == "PALETTE COLOR") {
    grey = palette_luma(data, stored, file);
    info.notes.emplace_back("palette colours were flattened to grey");
  } else if (stored.samples.channels() == 1 && stored.photometric.rfind("MONOCHROME", 0) == 0) {
    cv::Mat words = stored.samples;
    if (words.depth() == CV_8U) words.convertTo(words, CV_16U);
    const GreyPipeline pipeline = pipeline_of(data, stored, info.notes);
    grey = to_display(words, pipeline, info.notes);
    polarity_known = tells_polarity(data);
    if (pipeline.inverse) {
      info.polarity_turned = true;
      info.notes.emplace_back("MONOCHROME1: grey values were inverted, as the file asks for");
    }
    constexpr double kStrong = -1.5;
    if (polarity_known && options.detect_polarity && polarity_cues(grey).score() < kStrong) {
      info.notes.emplace_back("bone looks dark although the file's tags say otherwise");
    }
  } else {
    fail(ErrorKind::unsupported, file,
         "expected MONOCHROME, RGB or palette pixels, got " +
             (stored.photometric.empty() ? "none" : shown_code(stored.photometric)) + " with " +
             std::to_string(stored.samples.channels()) + " samples");
  }
  return finish_film(file, grey, std::move(info), polarity_known, options);
}

// --- Recognising ---

std::uint16_t word_at(const std::string& bytes, std::size_t at) {
  return static_cast<std::uint16_t>(static_cast<unsigned char>(bytes[at]) |
                                    static_cast<unsigned char>(bytes[at + 1]) << 8U);
}

/// Whether the file may start with a data element of group 2 or 8, as a data set without preamble
/// does. Cheap, so that folders of other files are searched quickly.
bool may_start_with_element(const std::string& start) {
  if (start.size() < 8) return false;
  const auto group = word_at(start, 0);
  const auto element = word_at(start, 2);
  if (group != 0x0002 && group != 0x0008) return false;
  const bool explicit_vr = std::isupper(static_cast<unsigned char>(start[4])) != 0 &&
                           std::isupper(static_cast<unsigned char>(start[5])) != 0;
  const bool small_length = word_at(start, 6) == 0;
  return element <= 0x0070 && (explicit_vr || small_length);
}

DcmFileFormat load(const fs::path& file) {
  DcmFileFormat format;
  const OFCondition loaded = format.loadFile(OFFilename(file.c_str()));
  if (loaded.bad()) {
    fail(ErrorKind::unreadable, file,
         std::string("expected a whole DICOM file, got: ") + loaded.text());
  }
  return format;
}

}  // namespace

bool is_dicom(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string start(132, '\0');
  stream.read(start.data(), static_cast<std::streamsize>(start.size()));
  start.resize(static_cast<std::size_t>(stream.gcount()));
  if (start.size() == 132 && start.compare(128, 4, "DICM") == 0) return true;
  if (!may_start_with_element(start)) return false;
  prepare_dicom_libraries();
  DcmFileFormat format;
  const OFCondition loaded =
      format.loadFileUntilTag(OFFilename(file.c_str()), EXS_Unknown, EGL_noChange,
                              DCM_MaxReadLength, ERM_autoDetect, DCM_PixelData);
  DcmDataset& data = *format.getDataset();
  return loaded.good() && (data.tagExists(DCM_SOPClassUID) || data.tagExists(DCM_Modality));
}

Image read_dicom(const fs::path& file, const ReadOptions& options) {
  prepare_dicom_libraries();
  DcmFileFormat format = load(file);
  DcmDataset& data = *format.getDataset();
  check_kind(data, file);
  check_pixels(data, file, options);
  const StoredPixels stored = is_jpeg_2000(data.getOriginalXfer())
                                  ? pixels_by_gdcm(file, options.frame.value_or(1))
                                  : pixels_by_dcmtk(data, file, options.frame.value_or(1));
  return film_of(data, stored, file, options);
}

}  // namespace spine
