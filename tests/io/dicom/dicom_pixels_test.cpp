#include "spine/io/dicom/dicom_pixels.h"

#include <map>

#include "io/dicom/dicom_bytes.h"
#include "io/dicom/dicom_films.h"

#include "spine/io/dicom/dicom_io.h"
#include "spine/io/image_io.h"
#include "spine/util/atomic_file.h"

using namespace spine;
using namespace spine::test;

namespace {

Image film_of(const std::filesystem::path& file, std::optional<int> frame = std::nullopt) {
  ReadOptions options;
  options.detect_polarity = false;
  options.frame = frame;
  return read_film(file, options);
}

/// A colour capture of the given bytes, 202x302.
std::filesystem::path capture(const TempDir& dir, const char* photometric,
                              const std::vector<Uint8>& bytes) {
  return dicom(dir, [&](DcmDataset& d) {
    d.putAndInsertString(DCM_SOPClassUID, UID_SecondaryCaptureImageStorage);
    d.putAndInsertString(DCM_Modality, "OT");
    d.putAndInsertString(DCM_PhotometricInterpretation, photometric);
    d.putAndInsertUint16(DCM_SamplesPerPixel, 3);
    d.putAndInsertUint16(DCM_PlanarConfiguration, 0);
    d.putAndInsertUint16(DCM_Rows, 302);
    d.putAndInsertUint16(DCM_Columns, 202);
    d.putAndInsertUint16(DCM_BitsAllocated, 8);
    d.putAndInsertUint16(DCM_BitsStored, 8);
    d.putAndInsertUint16(DCM_HighBit, 7);
    d.putAndInsertUint8Array(DCM_PixelData, bytes.data(), static_cast<unsigned long>(bytes.size()));
  });
}

std::vector<Uint8> halved(const cv::Mat& grey, double scale, double offset) {
  std::vector<Uint8> bytes;
  for (int y = 0; y < grey.rows; ++y) {
    for (int x = 0; x < grey.cols; x += 2) {
      for (int i = 0; i < 2; ++i) {
        bytes.push_back(cv::saturate_cast<Uint8>(grey.at<Uint8>(y, x + i) * scale + offset));
      }
      bytes.insert(bytes.end(), {120, 130});
    }
  }
  return bytes;
}

struct Settled {
  StoredFormat format;
  std::size_t notes;
};

Settled settled(const cv::Mat& words, StoredFormat format, bool overlays = false) {
  std::vector<std::string> notes;
  const StoredFormat found = finalize_format(words, format, 16, overlays, notes);
  return {found, notes.size()};
}

cv::Mat plus_bits(const cv::Mat& words, const std::function<int(int x, int y)>& bits) {
  cv::Mat out = words.clone();
  for (int y = 0; y < out.rows; ++y) {
    for (int x = 0; x < out.cols; ++x) {
      auto& word = out.at<std::uint16_t>(y, x);
      word = static_cast<std::uint16_t>(word | bits(x, y));
    }
  }
  return out;
}

}  // namespace

TEST_CASE("Uncompressed pixels with halved chroma are read as luma") {
  const TempDir dir;
  const cv::Mat grey = toy_film({202, 302});
  cv::Mat wide;
  grey.convertTo(wide, CV_16U, 257);
  CHECK(difference(film_of(capture(dir, "YBR_FULL_422", halved(grey, 1, 0))).pixels(), wide) == 0);
  const Image partial = film_of(capture(dir, "YBR_PARTIAL_422", halved(grey, 219.0 / 255, 16)));
  CHECK(difference(partial.pixels(), wide) <= 257);
  // Separate chroma for every pixel, contrary to the name.
  std::vector<Uint8> whole;
  for (const auto value : cv::Mat_<Uint8>(grey)) whole.insert(whole.end(), {value, 128, 128});
  CHECK(difference(film_of(capture(dir, "YBR_FULL_422", whole)).pixels(), wide) == 0);
  std::vector<Uint8> cut = halved(grey, 1, 0);
  cut.resize(cut.size() - 100);
  const auto file = capture(dir, "YBR_FULL_422", cut);
  CHECK(contains(message_of(ErrorKind::unreadable, [&] { film_of(file); }), "bytes of pixels"));
  const auto other = capture(dir, "YBR_PARTIAL_420", halved(grey, 1, 0));
  CHECK(contains(message_of(ErrorKind::unsupported, [&] { film_of(other); }), "YBR_PARTIAL_420"));
}

TEST_CASE("An invalid high bit is corrected by the pixels") {
  // 12 bits at the bottom.
  const cv::Mat words = plus_bits(deep_film(), [](int x, int) { return x % 16; });
  for (const int high_bit : {0, 5, 16, 300}) {
    const auto found = settled(words, {12, high_bit, false});
    CHECK(found.format.high_bit == 11);
    CHECK(found.notes == 1);
  }
  const auto bottom = settled(words, {12, 15, false});
  CHECK(bottom.format.high_bit == 11);
  CHECK(bottom.notes == 1);
  const cv::Mat top = words * 16;
  CHECK(settled(top, {12, 15, false}).format.high_bit == 15);
  CHECK(settled(top, {12, 15, false}).notes == 0);
  CHECK(settled(words, {12, 11, false}).notes == 0);
}

TEST_CASE("Bits above those stored are used only if they continue the image") {
  const cv::Mat deep = deep_film();
  const cv::Mat wide = deep * 4;  // 14 bits
  const auto found = settled(wide, {12, 11, false});
  CHECK(found.format.bits_stored == 14);
  CHECK(found.format.high_bit == 13);
  CHECK(found.notes == 1);
  cv::RNG rng(3);
  const auto is_masked = [&](const cv::Mat& words, bool overlays = false) {
    const auto kept = settled(words, {12, 11, false}, overlays);
    return kept.format.bits_stored == 12 && kept.notes == 0;
  };
  CHECK(is_masked(plus_bits(deep, [&](int, int) { return rng.uniform(0, 16) << 12; })));
  CHECK(is_masked(plus_bits(deep, [](int, int) { return 1 << 12; })));
  CHECK(is_masked(plus_bits(deep, [](int x, int y) { return x > 50 && y < 90 ? 1 << 12 : 0; })));
  CHECK(is_masked(plus_bits(deep, [](int x, int y) { return (x / 3 + y / 5) % 2 << 15; })));
  CHECK(is_masked(wide, true));
  // Signed values of 12 bits with and without sign extension.
  cv::Mat with_sign(deep.size(), CV_16UC1), without = with_sign.clone();
  for (int y = 0; y < deep.rows; ++y) {
    for (int x = 0; x < deep.cols; ++x) {
      const int value = deep.at<std::uint16_t>(y, x) - 2048;
      with_sign.at<std::uint16_t>(y, x) = static_cast<std::uint16_t>(value);
      without.at<std::uint16_t>(y, x) = static_cast<std::uint16_t>(value & 0xFFF);
    }
  }
  // Words of an unsigned code stream under a signed tag: half of them wrap, without bits above.
  for (const cv::Mat& words : {with_sign, without, deep}) {
    const auto kept = settled(words, {12, 11, true});
    CHECK(kept.format.bits_stored == 12);
    CHECK(kept.notes == 0);
  }
}

TEST_CASE("Only the requested frame is decoded") {
  const TempDir dir;
  for (const auto compression : {DicomCompression::rle, DicomCompression::jpeg_lossless,
                                 DicomCompression::jpeg_ls, DicomCompression::jpeg_2000}) {
    DicomWriteOptions options;
    options.compression = compression;
    write_dicom(dir / "one.dcm", toy_film(), options);
    const cv::Mat wanted = film_of(dir / "one.dcm").pixels().clone();
    // A million frames are declared but one fragment is present: nothing is allocated for them.
    const std::string bytes = read_file(dir / "one.dcm");
    std::string many = bytes;
    const std::string photometric(
        "\x28\0\x04\0"
        "CS",
        6);
    many.insert(many.find(photometric), element_bytes(0x0028, 0x0008, "IS", "1000000"));
    write_file_atomically(dir / "many.dcm", many);
    CHECK(contains(message_of(ErrorKind::unreadable, [&] { film_of(dir / "many.dcm", 5); }),
                   "cannot be assigned"));
    // Two frames, the first of which is damaged.
    const std::size_t item = bytes.find(tag_header(0xFFFE, 0xE000, 0).substr(0, 4));
    REQUIRE(item != std::string::npos);
    std::string two = bytes;
    two.insert(two.find(photometric), element_bytes(0x0028, 0x0008, "IS", "2"));
    const std::size_t start = two.find(tag_header(0xFFFE, 0xE000, 0).substr(0, 4));
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(two[at]); };
    const std::size_t table = byte(start + 4) + 256U * byte(start + 5);
    two.insert(start + 8 + table, tag_header(0xFFFE, 0xE000, 4) + "oops");
    write_file_atomically(dir / "two.dcm", two);
    CHECK(same_pixels(film_of(dir / "two.dcm", 2).pixels(), wanted));
  }
}

TEST_CASE("Pixels in another syntax than declared are decoded by their content") {
  const TempDir dir;
  const auto with_syntax = [&](const std::filesystem::path& file, const std::string& from,
                               const std::string& to) {
    const std::string old = element_bytes(0x0002, 0x0010, "UI", from);
    std::string bytes = read_file(file);
    REQUIRE(bytes.find(old) != std::string::npos);
    bytes.replace(bytes.find(old), old.size(), element_bytes(0x0002, 0x0010, "UI", to));
    write_file_atomically(dir / "lies.dcm", bytes);
    return film_of(dir / "lies.dcm");
  };
  const std::map<DicomCompression, std::string> syntaxes{
      {DicomCompression::none, "1.2.840.10008.1.2.1"},
      {DicomCompression::jpeg_lossless, "1.2.840.10008.1.2.4.70"},
      {DicomCompression::jpeg_ls, "1.2.840.10008.1.2.4.80"},
      {DicomCompression::jpeg_2000, "1.2.840.10008.1.2.4.90"}};
  cv::Mat wanted;
  for (const auto& [compression, syntax] : syntaxes) {
    DicomWriteOptions options;
    options.compression = compression;
    write_dicom(dir / "true.dcm", toy_film(), options);
    if (wanted.empty()) wanted = film_of(dir / "true.dcm").pixels().clone();
    for (const auto& [other, said] : syntaxes) {
      const Image film = with_syntax(dir / "true.dcm", syntax, said);
      CHECK(same_pixels(film.pixels(), wanted));
      CHECK(has_note(film, "transfer syntax is wrong") == (other != compression));
    }
  }
}

TEST_CASE("MONOCHROME1 is inverted in every compression") {
  const TempDir dir;
  for (const auto compression :
       {DicomCompression::none, DicomCompression::rle, DicomCompression::jpeg_lossless,
        DicomCompression::jpeg_ls, DicomCompression::jpeg_2000}) {
    DicomWriteOptions options;
    options.modality = "CR";  // has no presentation LUT shape that repeats it
    options.monochrome1 = true;
    options.compression = compression;
    write_dicom(dir / "film.dcm", toy_film(), options);
    const Image film = film_of(dir / "film.dcm");
    cv::Mat wide;
    toy_film().convertTo(wide, CV_16U, 257);
    CHECK(difference(film.pixels(), wide) <= 17);
    CHECK(film.info().inverted);
  }
}

TEST_CASE("JPEG 2000 containing the bytes of a delimiter is read") {
  const TempDir dir;
  DicomWriteOptions options;
  options.compression = DicomCompression::jpeg_2000;
  write_dicom(dir / "film.dcm", toy_film(), options);
  const cv::Mat wanted = film_of(dir / "film.dcm").pixels().clone();
  std::string bytes = read_file(dir / "film.dcm");
  const std::size_t start = bytes.find("\xFF\x4F\xFF\x51");
  REQUIRE(start != std::string::npos);
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(bytes[at]); };
  // A comment (ITU-T T.800 A.9.2) after the SIZ segment lengthens the fragment accordingly.
  const std::string comment = std::string("\xFF\x64\0\x0C\0\1", 6) + tag_header(0xFFFE, 0xE0DD, 0);
  bytes.insert(start + 4 + byte(start + 4) * 256U + byte(start + 5), comment);
  const std::uint32_t length = byte(start - 4) | byte(start - 3) << 8U | byte(start - 2) << 16U;
  bytes.replace(start - 4, 4,
                number_bytes(length + static_cast<std::uint32_t>(comment.size()), 4, false));
  write_file_atomically(dir / "comment.dcm", bytes);
  CHECK(same_pixels(film_of(dir / "comment.dcm").pixels(), wanted));
}

TEST_CASE("Films of few bits are read in every compression") {
  const TempDir dir;
  const cv::Mat pixels = toy_film() / 2;  // 7 bits
  for (const auto compression : {DicomCompression::rle, DicomCompression::jpeg_lossless,
                                 DicomCompression::jpeg_ls, DicomCompression::jpeg_2000}) {
    DicomWriteOptions options;
    options.bits_stored = 7;
    options.compression = compression;
    write_dicom(dir / "film.dcm", pixels, options);
    cv::Mat wide;
    pixels.convertTo(wide, CV_16U, 65535.0 / 127);
    CHECK(difference(film_of(dir / "film.dcm").pixels(), wide) <= 1);
  }
}

TEST_CASE("Palettes are read from JPEG 2000") {
  const TempDir dir;
  prepare_dicom_libraries();
  const cv::Mat grey = toy_film({202, 302});
  cv::Mat wide;
  grey.convertTo(wide, CV_16U, 257);
  DicomWriteOptions options;
  options.compression = DicomCompression::jpeg_2000;
  write_dicom(dir / "film.dcm", grey, options);
  // The same stream, with its values interpreted as palette indices.
  std::string bytes = read_file(dir / "film.dcm");
  const std::string mono = element_bytes(0x0028, 0x0004, "CS", "MONOCHROME2");
  REQUIRE(bytes.find(mono) != std::string::npos);
  std::string entries;
  for (std::uint32_t i = 0; i < 256; ++i) entries += number_bytes(i * 257, 2, false);
  const std::string facts =
      number_bytes(256, 2, false) + number_bytes(0, 2, false) + number_bytes(16, 2, false);
  std::string palette = element_bytes(0x0028, 0x0004, "CS", "PALETTE COLOR ");
  for (const std::uint32_t i : {1U, 2U, 3U}) {
    palette += element_bytes(0x0028, 0x1100 + i, "US", facts) +
               element_bytes(0x0028, 0x1200 + i, "OW", entries);
  }
  bytes.replace(bytes.find(mono), mono.size(), palette);
  write_file_atomically(dir / "palette.dcm", bytes);
  const Image film = film_of(dir / "palette.dcm");
  CHECK(difference(film.pixels(), wide) <= 1);
  CHECK(has_note(film, "palette"));
}
