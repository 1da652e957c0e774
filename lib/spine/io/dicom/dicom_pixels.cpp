#include "spine/io/dicom/dicom_pixels.h"

#include <algorithm>
#include <cstring>

#include <dcmtk/dcmdata/dcpixel.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>
#include <gdcmFragment.h>
#include <gdcmImage.h>
#include <gdcmSequenceOfFragments.h>

#include "spine/core/error.h"
#include "spine/core/size_text.h"
#include "spine/io/dicom/dicom_fragments.h"
#include "spine/io/dicom/dicom_tags.h"

namespace spine {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(ErrorKind kind, const fs::path& file, const std::string& what) {
  throw Error(kind, "read " + file.string() + ": " + what);
}

struct Layout {
  int rows = 0, columns = 0, samples = 1, bits_allocated = 0;
  bool by_plane = false;

  [[nodiscard]] std::size_t sample_size() const {
    return static_cast<std::size_t>(bits_allocated / 8);
  }
  [[nodiscard]] std::size_t pixels() const {
    return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
  }
  [[nodiscard]] std::size_t frame_size() const {
    return pixels() * sample_size() * static_cast<std::size_t>(samples);
  }
};

Layout layout_of(DcmItem& data, const fs::path& file) {
  Layout layout;
  layout.rows = tag_word(data, DCM_Rows, 0);
  layout.columns = tag_word(data, DCM_Columns, 0);
  layout.samples = tag_word(data, DCM_SamplesPerPixel, 1);
  layout.bits_allocated = tag_word(data, DCM_BitsAllocated, 0);
  layout.by_plane = tag_word(data, DCM_PlanarConfiguration, 0) == 1;
  if (layout.bits_allocated != 8 && layout.bits_allocated != 16) {
    fail(ErrorKind::unsupported, file,
         "expected 8 or 16 bits allocated, got " + std::to_string(layout.bits_allocated));
  }
  if (layout.samples < 1 || layout.samples > 4) {
    fail(ErrorKind::unsupported, file,
         "expected 1 or 3 samples per pixel, got " + std::to_string(layout.samples));
  }
  return layout;
}

[[noreturn]] void too_short(std::size_t wanted, std::size_t size, const fs::path& file) {
  fail(ErrorKind::unreadable, file,
       "expected " + std::to_string(wanted) + " bytes of pixels, got " + std::to_string(size));
}

/// Copies the samples of a frame.
/// @param bytes  of the frame, at least as many as the layout requires
cv::Mat arrange(const void* bytes, const Layout& layout) {
  const int depth = layout.bits_allocated == 8 ? CV_8U : CV_16U;
  // Only wrapped; cloned below.
  auto* data = static_cast<std::uint8_t*>(const_cast<void*>(bytes));
  if (!layout.by_plane || layout.samples == 1) {
    return cv::Mat(layout.rows, layout.columns, CV_MAKETYPE(depth, layout.samples), data).clone();
  }
  std::vector<cv::Mat> planes;
  for (int i = 0; i < layout.samples; ++i) {
    planes.emplace_back(
        layout.rows, layout.columns, depth,
        data + layout.pixels() * layout.sample_size() * static_cast<std::size_t>(i));
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

// --- Native ---

std::string swapped_words(std::string_view bytes) {
  std::string out(bytes);
  for (std::size_t i = 0; i + 1 < out.size(); i += 2) std::swap(out[i], out[i + 1]);
  return out;
}

bool words_are_big_endian(const DicomFile& dicom, const Layout& layout) {
  // The only syntax whose elements and pixels differ in byte order.
  constexpr std::string_view ge_private = "1.2.840.113619.5.2";
  if (dicom.layout.transfer_syntax == ge_private) return layout.bits_allocated == 16;
  return dicom.layout.encoding.big_endian && (layout.bits_allocated == 16 || dicom.layout.words);
}

/// For pixels with chroma of their own: only their luma is used.
std::string with_whole_chroma(const std::string& photometric) {
  if (photometric == "YBR_FULL_422") return "YBR_FULL";
  return photometric == "YBR_PARTIAL_422" ? "YBR_PARTIAL" : photometric;
}

bool is_halved_chroma(const std::string& photometric) {
  return photometric == "YBR_FULL_422" || photometric == "YBR_PARTIAL_422";
}

/// Luma of pixels in YBR_FULL_422 and similar: two luma values, then the two chroma values that
/// they share (PS3.3 C.7.6.3.1.2).
StoredPixels luma_of_halved(std::string_view bytes, const Layout& layout, int frame,
                            const std::string& photometric, const fs::path& file) {
  if (layout.bits_allocated != 8 || layout.columns % 2 != 0) {
    fail(ErrorKind::unsupported, file,
         "expected " + photometric + " of 8 bits and an even number of columns, got " +
             std::to_string(layout.bits_allocated) + " bits and " + std::to_string(layout.columns) +
             " columns");
  }
  const std::size_t size = 2 * layout.pixels();
  const std::size_t wanted = size * static_cast<std::size_t>(frame);
  if (bytes.size() < wanted) too_short(wanted, bytes.size(), file);
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data() + (wanted - size));
  cv::Mat full(layout.rows, layout.columns, CV_8UC3);
  for (int y = 0; y < full.rows; ++y) {
    auto* row = full.ptr<cv::Vec3b>(y);
    for (int x = 0; x < full.cols; ++x, ++data) {
      // The first two of each four bytes.
      row[x] = {*data, 128, 128};
      if (x % 2 == 1) data += 2;
    }
  }
  return {full, with_whole_chroma(photometric), {8, 7, false}};
}

StoredPixels native_pixels(DicomFile& dicom, int frames, int frame, const fs::path& file) {
  DcmDataset& data = *dicom.data;
  const Layout layout = layout_of(data, file);
  const std::string photometric = tag_text(data, DCM_PhotometricInterpretation);
  std::string_view bytes = dicom.bytes.substr(static_cast<std::size_t>(dicom.layout.pixels.at),
                                              static_cast<std::size_t>(dicom.layout.pixels.size));
  std::string swapped;
  if (words_are_big_endian(dicom, layout)) {
    swapped = swapped_words(bytes);
    bytes = swapped;
  }
  const std::size_t frame_size = layout.frame_size();
  // Some writers give every pixel its own chroma despite the name.
  const bool halved = is_halved_chroma(photometric) && layout.samples == 3 &&
                      bytes.size() < frame_size * static_cast<std::size_t>(frames);
  if (halved) return luma_of_halved(bytes, layout, frame, photometric, file);
  if (photometric == "YBR_PARTIAL_420") {
    fail(ErrorKind::unsupported, file, "expected compressed YBR_PARTIAL_420, got uncompressed");
  }
  const std::size_t wanted = frame_size * static_cast<std::size_t>(frame);
  if (bytes.size() < wanted) too_short(wanted, bytes.size(), file);
  return {arrange(bytes.data() + (wanted - frame_size), layout), photometric,
          format_of(data, layout.bits_allocated)};
}

// --- Encapsulated ---

/// Replaces the data set's pixels by the given fragments as the only frame.
void put_frame(DcmDataset& data, const std::vector<std::string_view>& fragments,
               E_TransferSyntax syntax) {
  auto* sequence = new DcmPixelSequence(DcmTag(DCM_PixelData, EVR_OB));
  sequence->insert(new DcmPixelItem(DcmTag(DCM_PixelItemTag, EVR_OB)));  // empty offset table
  for (const auto& fragment : fragments) {
    auto* item = new DcmPixelItem(DcmTag(DCM_PixelItemTag, EVR_OB));
    item->putUint8Array(reinterpret_cast<const Uint8*>(fragment.data()),
                        static_cast<unsigned long>(fragment.size()));
    sequence->insert(item);
  }
  auto* pixels = new DcmPixelData(DCM_PixelData);
  pixels->putOriginalRepresentation(syntax, nullptr, sequence);
  data.insert(pixels, OFTrue);
  data.findAndDeleteElement(DCM_NumberOfFrames);
}

/// Returns nullopt if DCMTK cannot decode the frame.
std::optional<StoredPixels> pixels_by_dcmtk(DcmDataset& data,
                                            const std::vector<std::string_view>& fragments,
                                            E_TransferSyntax syntax, const fs::path& file,
                                            std::string& why) {
  put_frame(data, fragments, syntax);
  const OFCondition decoded = data.chooseRepresentation(EXS_LittleEndianExplicit, nullptr);
  if (decoded.bad()) {
    why = decoded.text();
    return std::nullopt;
  }
  const Layout layout = layout_of(data, file);
  const std::string bytes = tag_bytes(data, DCM_PixelData);
  if (bytes.size() < layout.frame_size()) too_short(layout.frame_size(), bytes.size(), file);
  return StoredPixels{arrange(bytes.data(), layout), tag_text(data, DCM_PhotometricInterpretation),
                      format_of(data, layout.bits_allocated)};
}

gdcm::TransferSyntax gdcm_syntax(E_TransferSyntax syntax) {
  return gdcm::TransferSyntax::GetTSType(DcmXfer(syntax).getXferID());
}

/// Decodes one frame by GDCM.
/// @returns empty if it is damaged
cv::Mat decode_by_gdcm(const std::string& stream, E_TransferSyntax syntax, const Layout& layout,
                       int bits, bool is_signed) {
  gdcm::Image image;
  image.SetNumberOfDimensions(2);
  image.SetDimension(0, static_cast<unsigned>(layout.columns));
  image.SetDimension(1, static_cast<unsigned>(layout.rows));
  const auto narrow = [](int value) { return static_cast<unsigned short>(value); };
  image.SetPixelFormat(gdcm::PixelFormat(narrow(layout.samples), narrow(layout.bits_allocated),
                                         narrow(bits), narrow(bits - 1), narrow(is_signed)));
  image.SetPhotometricInterpretation(layout.samples == 1
                                         ? gdcm::PhotometricInterpretation::MONOCHROME2
                                         : gdcm::PhotometricInterpretation::RGB);
  image.SetTransferSyntax(gdcm_syntax(syntax));
  gdcm::SmartPointer<gdcm::SequenceOfFragments> fragments = new gdcm::SequenceOfFragments;
  gdcm::Fragment fragment;
  fragment.SetByteValue(stream.data(), gdcm::VL(static_cast<std::uint32_t>(stream.size())));
  fragments->AddFragment(fragment);
  gdcm::DataElement pixels(gdcm::Tag(0x7fe0, 0x0010));
  pixels.SetVR(gdcm::VR::OB);
  pixels.SetValue(*fragments);
  image.SetDataElement(pixels);
  std::vector<char> buffer(image.GetBufferLength());
  if (buffer.size() < layout.frame_size() || !image.GetBuffer(buffer.data())) return {};
  return arrange(buffer.data(), layout);
}

StoredPixels pixels_by_gdcm(DcmDataset& data, const std::string& stream, E_TransferSyntax syntax,
                            const fs::path& file) {
  const Jpeg2000Size size = jpeg_2000_size(stream);
  const int rows = tag_word(data, DCM_Rows, 0), columns = tag_word(data, DCM_Columns, 0);
  Layout layout{rows, columns, size.components, size.bits <= 8 ? 8 : 16, false};
  if (size.width != columns || size.height != rows || size.bits > 16 ||
      (size.components != 1 && size.components != 3)) {
    fail(ErrorKind::unreadable, file,
         "expected JPEG 2000 pixels of " + size_text({columns, rows}) +
             " with 1 or 3 components of up to 16 bits, got damaged data or " +
             size_text({size.width, size.height}) + " with " + std::to_string(size.components) +
             " of " + std::to_string(size.bits) + " bits");
  }
  cv::Mat samples = decode_by_gdcm(stream, syntax, layout, size.bits, size.is_signed);
  if (samples.empty()) {
    fail(ErrorKind::unreadable, file, "expected JPEG 2000 pixels, got damaged data");
  }
  const int allocated = tag_word(data, DCM_BitsAllocated, layout.bits_allocated);
  StoredFormat format = format_of(data, layout.bits_allocated);
  if (layout.bits_allocated == 8 && allocated == 16) {
    // 16-bit words, as the tags count bits; signed samples keep their sign.
    const int depth = size.is_signed ? CV_8S : CV_8U;
    const cv::Mat bytes(samples.rows, samples.cols, CV_MAKETYPE(depth, samples.channels()),
                        samples.data);
    cv::Mat words;
    bytes.convertTo(words, size.is_signed ? CV_16S : CV_16U);
    samples =
        cv::Mat(words.rows, words.cols, CV_MAKETYPE(CV_16U, words.channels()), words.data).clone();
  } else if (layout.bits_allocated == 16 && allocated == 8) {
    format = {size.bits, size.bits - 1, size.is_signed};
  }
  return {samples, tag_text(data, DCM_PhotometricInterpretation), format};
}

StoredPixels encapsulated_pixels(DicomFile& dicom, int frames, int frame, const fs::path& file,
                                 std::vector<std::string>& notes) {
  DcmDataset& data = *dicom.data;
  const auto fragments = fragments_of_frame(dicom.bytes, dicom.layout, frames, frame);
  if (fragments.empty()) {
    fail(ErrorKind::unreadable, file,
         "expected compressed pixels of " + std::to_string(frames) + " frames, got " +
             std::to_string(std::max<std::size_t>(dicom.layout.fragments.size(), 1) - 1) +
             " fragments that cannot be assigned to frames");
  }
  std::string stream;
  for (const auto& fragment : fragments) stream.append(fragment);
  const E_TransferSyntax declared = DcmXfer(dicom.layout.transfer_syntax.c_str()).getXfer();
  const E_TransferSyntax syntax = syntax_of_stream(stream, declared);
  if (syntax == EXS_Unknown) {
    fail(ErrorKind::unsupported, file,
         "expected pixels that can be decoded, got transfer syntax " +
             display_syntax(dicom.layout.transfer_syntax));
  }
  if (syntax != declared && !dicom.layout.transfer_syntax.empty()) {
    notes.emplace_back(std::string("the file's transfer syntax is wrong: its pixels are ") +
                       DcmXfer(syntax).getXferName());
  }
  if (is_jpeg_2000(syntax)) return pixels_by_gdcm(data, stream, syntax, file);
  layout_of(data, file);  // rejects invalid layouts before decoding
  std::string why;
  if (auto stored = pixels_by_dcmtk(data, fragments, syntax, file, why)) return *stored;
  fail(ErrorKind::unreadable, file,
       std::string("expected pixels that can be decoded, got transfer syntax ") +
           DcmXfer(syntax).getXferName() + ": " + why);
}

// --- Bits ---

/// Sum of absolute differences between neighbouring pixels in a row.
double roughness(const cv::Mat& words, const StoredFormat& format) {
  double sum = 0;
  for (int y = 0; y < words.rows; ++y) {
    const auto* word = words.ptr<std::uint16_t>(y);
    int last = format.value(word[0]);
    for (int x = 1; x < words.cols; ++x) {
      const int value = format.value(word[x]);
      sum += std::abs(value - last);
      last = value;
    }
  }
  return sum;
}

int bits_of(unsigned word) {
  int bits = 0;
  for (; word != 0; word >>= 1U) ++bits;
  return bits;
}

}  // namespace

StoredFormat finalize_format(const cv::Mat& words, StoredFormat format, int bits_allocated,
                             bool has_overlay_bits, std::vector<std::string>& notes) {
  const int stored = format.bits_stored;
  unsigned used = 0;  // union of the bits of all words
  for (int y = 0; y < words.rows; ++y) {
    const auto* word = words.ptr<std::uint16_t>(y);
    for (int x = 0; x < words.cols; ++x) used |= word[x];
  }
  if (format.high_bit < stored - 1 || format.high_bit >= bits_allocated) {
    notes.emplace_back("the file's high bit is invalid and was replaced by " +
                       std::to_string(stored - 1));
    format.high_bit = stored - 1;
  }
  const int below = format.high_bit + 1 - stored;
  if (below > 0 && used < (1U << static_cast<unsigned>(stored)) &&
      (used & ((1U << static_cast<unsigned>(below)) - 1)) != 0) {
    notes.emplace_back("no pixel reaches the file's high bit, which was replaced by " +
                       std::to_string(stored - 1));
    format.high_bit = stored - 1;
  }
  if (format.high_bit != stored - 1 || bits_of(used) <= stored || has_overlay_bits) return format;
  const int used_bits = format.is_signed ? bits_allocated : bits_of(used);
  // Bits that belong to the image make it smoother, others rougher.
  const StoredFormat wide{used_bits, used_bits - 1, format.is_signed};
  if (roughness(words, wide) >= roughness(words, format)) return format;
  notes.emplace_back("pixels use " + std::to_string(used_bits) + " bits although the file says " +
                     std::to_string(stored) + ": all were used");
  return wide;
}

StoredPixels read_dicom_pixels(DicomFile& dicom, int frames, int frame, const fs::path& file,
                               std::vector<std::string>& notes) {
  check_decodable(dicom.layout, file);
  StoredPixels stored;
  if (dicom.layout.encapsulated) {
    stored = encapsulated_pixels(dicom, frames, frame, file, notes);
  } else {
    const DcmXfer declared(dicom.layout.transfer_syntax.c_str());
    if (!dicom.layout.transfer_syntax.empty() && declared.isEncapsulated()) {
      notes.emplace_back("the file's transfer syntax is wrong: its pixels are not compressed");
    }
    stored = native_pixels(dicom, frames, frame, file);
  }
  stored.photometric = with_whole_chroma(stored.photometric);
  return stored;
}

}  // namespace spine
