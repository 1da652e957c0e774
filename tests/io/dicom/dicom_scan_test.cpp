#include "spine/io/dicom/dicom_scan.h"

#include "io/dicom/dicom_bytes.h"
#include "support/catch.h"
#include "support/temp_dir.h"
#include "support/throws.h"

#include "spine/util/atomic_file.h"

using namespace spine;
using namespace spine::test;
using namespace std::string_literals;

namespace {

DicomLayout scanned(const std::string& bytes, DicomPart part = DicomPart::whole) {
  MemorySource source(bytes);
  return scan_dicom(source, part);
}

constexpr ByteOrder kImplicit{false, false}, kExplicit{true, false}, kBig{true, true};

const std::string& syntax_for(ByteOrder order) {
  static const std::string implicit = kImplicitSyntax, little = kExplicitSyntax,
                           big = kBigEndianSyntax;
  return !order.explicit_vr ? implicit : order.big_endian ? big : little;
}

std::string film(ByteOrder order, const std::string& within, const std::string& behind = "") {
  return meta_header(syntax_for(order)) + small_header(order) + within + small_pixels(order) +
         behind;
}

}  // namespace

TEST_CASE("The scan finds data set and pixels in every encoding") {
  for (const ByteOrder order : {kImplicit, kExplicit, kBig}) {
    const std::string nests = nested(3, "SQ", order) + nested_with_lengths(3, "SQ", order);
    for (const std::string& start :
         {meta_header(syntax_for(order)), std::string(), std::string("DICM")}) {
      const std::string header = start + small_header(order) + nests;
      const auto layout = scanned(header + small_pixels(order) + "rubbish behind the pixels");
      CHECK(layout.problem.empty());
      CHECK(is_dicom_layout(layout));
      CHECK(layout.encoding == ElementEncoding{order.explicit_vr, order.big_endian});
      CHECK(layout.pixels_at == header.size());
      CHECK(layout.pixels.size == 64 * 80);
      CHECK(layout.pixels.at == header.size() + (order.explicit_vr ? 12 : 8));
      CHECK_FALSE(layout.encapsulated);
    }
  }
}

TEST_CASE("The nesting of sequences is limited") {
  const auto deep = [](const std::string& bytes) {
    const auto layout = scanned(bytes);
    CHECK(is_dicom_layout(layout));
    return contains(layout.problem, "nested at most 64 deep");
  };
  for (const ByteOrder order : {kImplicit, kExplicit, kBig}) {
    CHECK(scanned(film(order, nested(64, "SQ", order))).problem.empty());
    for (const int depth : {65, 1000, 200000}) {
      CHECK(deep(film(order, nested(depth, "SQ", order))));
    }
    CHECK(scanned(film(order, nested_with_lengths(64, "SQ", order))).problem.empty());
    CHECK(deep(film(order, nested_with_lengths(65, "SQ", order))));
    CHECK(deep(film(order, nested_with_lengths(3000, "SQ", order))));
    // Private, after the pixels, without preamble.
    CHECK(deep(film(order, nested(1000, "SQ", order, 0x0041))));
    CHECK(deep(film(order, "", nested(1000, "SQ", order, 0xFFFA))));
    CHECK(deep(film(order, nested(1000, "SQ", order)).substr(132)));
    CHECK(deep(small_header(order) + nested(1000, "SQ", order)));
  }
  // Sequences of unknown representation are implicit.
  CHECK(scanned(film(kExplicit, nested(64, "UN"))).problem.empty());
  CHECK(deep(film(kExplicit, nested(65, "UN"))));
  CHECK(deep(film(kExplicit, nested(1000, "OB"))));
  CHECK(deep(film(kExplicit, element_bytes(0x0041, 0x1001, "UN",
                                           nested_with_lengths(65, "SQ", kImplicit).substr(8)))));
  // No closing delimiters.
  std::string open;
  for (int i = 0; i < 5000; ++i) open += nested(1).substr(0, 20);
  CHECK(deep(meta_header(kExplicitSyntax) + small_header() + open));
}

TEST_CASE("Bytes that only resemble a sequence are skipped") {
  const std::string looks = tag_header(0xFFFE, 0xE000, 500) + "but is none";
  const auto layout =
      scanned(film(kImplicit, element_bytes(0x0041, 0x1001, "UN", looks, kImplicit)));
  CHECK(layout.problem.empty());
  CHECK(layout.pixels.size == 64 * 80);
}

TEST_CASE("Lengths beyond the end are reported at any position") {
  const std::string start = meta_header(kExplicitSyntax) + small_header();
  for (const std::string& broken :
       {element_header(0x0041, 0x1001, "OB", 0xFFFFFFFE) + "few",
        element_header(0x0041, 0x1001, "LO", 1000) + "few",
        element_header(0x0040, 0xA730, "SQ", 4000) + tag_header(0xFFFE, 0xE000, 10),
        element_header(0x7FE0, 0x0010, "OW", 100000) + "few",
        element_header(0x7FE0, 0x0010, "OB", kOpenLength) + tag_header(0xFFFE, 0xE000, 100000),
        nested(1).substr(0, 20) + "\x01\x02"}) {
    CHECK(contains(scanned(start + broken).problem, "cannot be followed at byte"));
  }
  const std::string meta = std::string(128, '\0') + "DICM" +
                           element_header(0x0002, 0x0001, "OB", kOpenLength) +
                           tag_header(0xFFFE, 0xE000, kOpenLength);
  CHECK(contains(scanned(meta).problem, "meta header"));
}

TEST_CASE("A header scan stops at the pixels") {
  const auto layout = scanned(film(kExplicit, "").substr(0, 500), DicomPart::header);
  CHECK(layout.problem.empty());
  CHECK(layout.has_pixels);
}

TEST_CASE("Fragments are found by their lengths, whatever they contain") {
  const std::string delimiter = tag_header(0xFFFE, 0xE0DD, 0);
  const std::string tricky = "\xFF\x4F" + delimiter + "more";
  const std::string bytes = meta_header("1.2.840.10008.1.2.4.90") + small_header() +
                            element_header(0x7FE0, 0x0010, "OB", kOpenLength) +
                            tag_header(0xFFFE, 0xE000, 0) + tag_header(0xFFFE, 0xE000, 14) +
                            tricky + tag_header(0xFFFE, 0xE000, 2) + "ab" + delimiter +
                            element_bytes(0xFFFC, 0xFFFC, "OB", "padding");
  const auto layout = scanned(bytes);
  CHECK(layout.problem.empty());
  CHECK(layout.encapsulated);
  REQUIRE(layout.fragments.size() == 3);
  CHECK(bytes.substr(layout.fragments[1].at, layout.fragments[1].size) == tricky);
  CHECK(bytes.substr(layout.fragments[2].at, layout.fragments[2].size) == "ab");
}

TEST_CASE("Native pixels of undefined length extend to the end") {
  const std::string start = meta_header(kExplicitSyntax) + small_header() +
                            element_header(0x7FE0, 0x0010, "OW", kOpenLength);
  const auto layout = scanned(start + small_values() + tag_header(0xFFFE, 0xE0DD, 0));
  CHECK(layout.problem.empty());
  CHECK_FALSE(layout.encapsulated);
  CHECK(layout.pixels.at == start.size());
  CHECK(layout.pixels.size == 64 * 80);
}

TEST_CASE("The data after a preamble decide, not the preamble") {
  for (const std::string& magic : {std::string("II*\0", 4), std::string("MM\0*", 4),
                                   std::string("\x89PNG"), std::string("\xFF\xD8\xFF\xE0")}) {
    std::string bytes = film(kExplicit, "");
    bytes.replace(0, magic.size(), magic);
    CHECK(is_dicom_layout(scanned(bytes)));
    // The four letters alone do not make an image a DICOM file.
    std::string picture = magic + std::string(400, '\x7f');
    picture.replace(128, 4, "DICM");
    CHECK_FALSE(is_dicom_layout(scanned(picture)));
  }
}

TEST_CASE("A data set of pixels alone is recognised, other files are not") {
  const std::string pixel_module = small_header().substr(small_header().find("\x28\0\x02\0"s));
  CHECK(is_dicom_layout(scanned(pixel_module + small_pixels())));
  CHECK_FALSE(is_dicom_layout(scanned(pixel_module)));
  for (const std::string& other :
       {std::string(), std::string("MSH|^~\\&|PACS|a patient's message of another kind"),
        std::string(300, '\0'), std::string(300, ' '), "\x28\0\x02\0 some text"s,
        std::string("study_id,path\na,b\n")}) {
    CHECK_FALSE(is_dicom_layout(scanned(other)));
  }
}

TEST_CASE("Files and memory are scanned alike") {
  const TempDir dir;
  const std::string bytes =
      film(kExplicit, nested(5) + element_bytes(0x0041, 0x1001, "OB", std::string(200000, 'x')));
  write_file_atomically(dir / "film", bytes);
  FileSource source(dir / "film");
  const auto layout = scan_dicom(source, DicomPart::whole);
  CHECK(layout.problem.empty());
  CHECK(layout.pixels_at == scanned(bytes).pixels_at);
  CHECK(source.size() == bytes.size());
  CHECK(source.read(bytes.size() - 3, 10) == bytes.substr(bytes.size() - 3));
  CHECK(source.read(bytes.size(), 10).empty());
  CHECK(source.read(100, 150000) == bytes.substr(100, 150000));
  FileSource none(dir / "none");
  CHECK(none.size() == 0);
  CHECK(none.read(0, 10).empty());
}
