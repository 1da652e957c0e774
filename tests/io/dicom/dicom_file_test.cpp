#include "spine/io/dicom/dicom_file.h"

#include "io/dicom/dicom_bytes.h"
#include "io/dicom/dicom_films.h"

#include "spine/io/dicom/dicom_header.h"
#include "spine/io/dicom/dicom_io.h"
#include "spine/io/dicom/dicom_source.h"
#include "spine/util/atomic_file.h"

using namespace spine;
using namespace spine::test;

namespace {

constexpr ByteOrder kImplicit{false, false}, kExplicit{true, false}, kBig{true, true};

Image film_of(const std::string& bytes) {
  ReadOptions options;
  options.detect_polarity = false;
  return read_dicom(bytes, "film.dcm", options);
}

std::string whole(ByteOrder order) { return small_header(order) + small_pixels(order); }

cv::Mat wanted() { return film_of(meta_header(kExplicitSyntax) + whole(kExplicit)).pixels(); }

}  // namespace

TEST_CASE("A wrong transfer syntax is detected and noted") {
  for (const char* said : {kImplicitSyntax, kExplicitSyntax, kBigEndianSyntax}) {
    for (const ByteOrder order : {kImplicit, kExplicit, kBig}) {
      const std::string bytes = meta_header(said) + whole(order);
      const Image film = film_of(bytes);
      CHECK(same_pixels(film.pixels(), wanted()));
      const bool lies = std::string(said) != (!order.explicit_vr ? kImplicitSyntax
                                              : order.big_endian ? kBigEndianSyntax
                                                                 : kExplicitSyntax);
      CHECK(has_note(film, "transfer syntax is wrong") == lies);
    }
  }
}

TEST_CASE("Data sets without preamble or meta header are read") {
  for (const ByteOrder order : {kImplicit, kExplicit, kBig}) {
    CHECK(same_pixels(film_of(whole(order)).pixels(), wanted()));
    CHECK_FALSE(has_note(film_of(whole(order)), "transfer syntax"));
    CHECK(same_pixels(film_of("DICM" + whole(order)).pixels(), wanted()));
    const std::string bytes = small_header(order);
    const std::string start = word_bytes(0x0028, 0x0002, 1, order);
    const std::string bare = bytes.substr(bytes.find(start)) + small_pixels(order);
    CHECK(same_pixels(film_of(bare).pixels(), wanted()));
  }
  const std::string no_preamble = (meta_header(kExplicitSyntax) + whole(kExplicit)).substr(132);
  CHECK(same_pixels(film_of(no_preamble).pixels(), wanted()));
}

TEST_CASE("Numbers of the pixel module are read in other representations") {
  const auto with = [](std::string_view vr, const std::string& value) {
    std::string header = small_header();
    const std::string rows = word_bytes(0x0028, 0x0010, 80);
    header.replace(header.find(rows), rows.size(), element_bytes(0x0028, 0x0010, vr, value));
    return film_of(meta_header(kExplicitSyntax) + header + small_pixels()).pixels();
  };
  CHECK(same_pixels(with("UN", number_bytes(80, 2, false)), wanted()));
  CHECK(same_pixels(with("UL", number_bytes(80, 4, false)), wanted()));
  CHECK(same_pixels(with("SS", number_bytes(80, 2, false)), wanted()));
  CHECK(same_pixels(with("IS", "80"), wanted()));
}

TEST_CASE("Unreadable files are rejected with the reason") {
  const auto refused = [](const std::string& bytes) {
    return message_of(ErrorKind::unreadable, [&] { film_of(bytes); });
  };
  const std::string start = meta_header(kExplicitSyntax) + small_header();
  for (const int depth : {65, 1000, 200000}) {
    for (const std::string& bytes :
         {start + nested(depth) + small_pixels(), start + small_pixels() + nested(depth),
          small_header() + nested(depth)}) {
      CHECK(contains(refused(bytes), "read film.dcm: expected sequences that are nested"));
    }
  }
  CHECK(contains(refused(start + small_pixels().substr(0, 3000)), "cannot be followed"));
  CHECK(contains(refused("words and more words"), "expected a DICOM file"));
}

TEST_CASE("Deep nesting is rejected by header and source readers too") {
  const TempDir dir;
  write_file_atomically(dir / "deep",
                        meta_header(kExplicitSyntax) + small_header() + nested(90000));
  CHECK(is_dicom(dir / "deep"));
  CHECK(contains(message_of(ErrorKind::unreadable, [&] { read_dicom_header(dir / "deep"); }),
                 "nested"));
  CHECK(contains(message_of(ErrorKind::unreadable, [&] { find_dicom_source(dir / "deep"); }),
                 "nested"));
}

TEST_CASE("A header is read without its pixels") {
  const TempDir dir;
  const std::string start = meta_header(kExplicitSyntax) + small_header();
  write_file_atomically(dir / "cut", start + small_pixels().substr(0, 100));
  const auto header = find_dicom_header(dir / "cut");
  REQUIRE(header);
  CHECK(header->modality == "CR");
  CHECK(header->pixels);
  write_file_atomically(dir / "words", std::string_view("no DICOM"));
  CHECK_FALSE(find_dicom_header(dir / "words"));
  CHECK_FALSE(find_dicom_source(dir / "words"));
  CHECK_FALSE(find_dicom_header(dir / "none"));
}

TEST_CASE("Deflated data sets are read, and rejected if damaged") {
  const TempDir dir;
  const auto file = dicom(
      dir, [](DcmDataset&) {}, EXS_DeflatedLittleEndianExplicit);
  CHECK(find_dicom_header(file)->modality == "DX");
  std::string bytes = read_file(file);
  const cv::Mat pixels = film_of(bytes).pixels();
  CHECK(same_pixels(pixels, film_of(read_file(dicom(dir, [](DcmDataset&) {}))).pixels()));
  const std::size_t cut = bytes.size() / 2;
  CHECK(contains(message_of(ErrorKind::unreadable, [&] { film_of(bytes.substr(0, cut)); }),
                 "film.dcm"));
}

TEST_CASE("Deep nesting in a deflated data set is rejected") {
  const TempDir dir;
  prepare_dicom_libraries();
  const auto file = dicom(
      dir,
      [](DcmDataset& d) {
        DcmItem* item = &d;
        for (int i = 0; i < 65; ++i) {
          DcmItem* inner = nullptr;
          REQUIRE(item->findOrCreateSequenceItem(DCM_ContentSequence, inner, 0).good());
          item = inner;
        }
      },
      EXS_DeflatedLittleEndianExplicit);
  CHECK(contains(message_of(ErrorKind::unreadable, [&] { film_of(read_file(file)); }), "nested"));
  CHECK(contains(message_of(ErrorKind::unreadable, [&] { find_dicom_header(file); }), "nested"));
}

TEST_CASE("Transfer syntaxes are named, private ones not quoted") {
  prepare_dicom_libraries();
  CHECK(display_syntax("1.2.840.10008.1.2.4.110") == "JPEG XL Lossless");
  CHECK(contains(display_syntax("1.2.840.10008.1.2.4.201"), "High-Throughput JPEG 2000"));
  CHECK(contains(display_syntax("1.2.840.10008.1.2.4.102"), "MPEG"));
  CHECK(contains(display_syntax("1.2.840.10008.1.2.4.94"), "JPIP"));
  CHECK(display_syntax("1.2.826.0.1.9999.1") == "a private transfer syntax");
  CHECK(display_syntax("DOE^JANE") == "a private transfer syntax");
  for (const char* said : {"1.2.840.10008.1.2.4.110", "1.2.840.10008.1.2.4.201",
                           "1.2.840.10008.1.2.4.102", "1.2.826.0.1.9999.1"}) {
    const std::string fragments = element_header(0x7FE0, 0x0010, "OB", kOpenLength) +
                                  tag_header(0xFFFE, 0xE000, 0) + tag_header(0xFFFE, 0xE000, 4) +
                                  "abcd" + tag_header(0xFFFE, 0xE0DD, 0);
    // Whole, compressed, or impossible to parse.
    for (const std::string& pixels : {small_pixels(), fragments, small_pixels().substr(0, 99)}) {
      const std::string bytes = meta_header(said) + small_header() + pixels;
      CHECK(contains(message_of(ErrorKind::unsupported, [&] { film_of(bytes); }),
                     "got transfer syntax " + display_syntax(said)));
    }
  }
}
