#include "spine/io/dicom/dicom_tags.h"

#include "io/dicom/dicom_films.h"

using namespace spine;

namespace {

/// Inserts an element with the given bytes, in any value representation.
void put_bytes(DcmItem& item, const DcmTagKey& key, const std::string& bytes) {
  auto* element = new DcmOtherByteOtherWord(DcmTag(key, EVR_UN));
  element->putUint8Array(reinterpret_cast<const Uint8*>(bytes.data()),
                         static_cast<unsigned long>(bytes.size()));
  REQUIRE(item.insert(element, OFTrue).good());
}

}  // namespace

TEST_CASE("Decimal strings are parsed completely or not at all") {
  CHECK(parse_decimal("0.38") == 0.38);
  CHECK(parse_decimal(" 0.38 ") == 0.38);
  CHECK(parse_decimal(std::string_view("0.38\0", 5)) == 0.38);
  CHECK(parse_decimal("0,38") == 0.38);
  CHECK(parse_decimal("-1,5e2") == -150);
  CHECK(parse_decimal("+4") == 4);
  CHECK(parse_decimal(".5") == 0.5);
  CHECK(parse_decimal("2.") == 2);
  for (const char* wrong : {"", " ", "0,38,0,38", "0.38,0.38", "1.234,5", "0.38mm", "0.38 0.38",
                            "x", "+-4", "nan", "inf", "1e999", "0x10"}) {
    CHECK_FALSE(parse_decimal(wrong));
  }
}

TEST_CASE("Numbers are read in any representation") {
  prepare_dicom_libraries();
  DcmDataset data;
  const auto numbers = [&] { return tag_numbers(data, DCM_PixelSpacing); };
  CHECK(numbers().empty());
  data.putAndInsertString(DCM_PixelSpacing, "");
  CHECK(numbers().empty());
  using Numbers = std::vector<std::optional<double>>;
  data.putAndInsertString(DCM_PixelSpacing, "0.3\\x");
  CHECK(numbers() == Numbers{0.3, std::nullopt});
  CHECK(tag_number(data, DCM_PixelSpacing, 1) == std::nullopt);
  put_bytes(data, DCM_PixelSpacing, "0,3\\0.25 ");
  CHECK(numbers() == Numbers{0.3, 0.25});
  for (const DcmEVR vr : {EVR_UT, EVR_LO, EVR_IS, EVR_SH}) {
    data.putAndInsertString(DcmTag(DCM_PixelSpacing, vr), "2\\3");
    CHECK(numbers() == Numbers{2, 3});
  }
  data.putAndInsertFloat64(DcmTag(DCM_PixelSpacing, EVR_FD), 0.5);
  CHECK(tag_number(data, DCM_PixelSpacing) == 0.5);
  // Integer strings have no Float64 accessor in DCMTK.
  data.putAndInsertString(DCM_PixelAspectRatio, "6\\5");
  CHECK(tag_number(data, DCM_PixelAspectRatio, 1) == 5);
}

TEST_CASE("Integers are read from words, texts and bytes") {
  prepare_dicom_libraries();
  DcmDataset data;
  CHECK_FALSE(tag_integer(data, DCM_Rows));
  data.putAndInsertUint16(DCM_Rows, 1200);
  CHECK(tag_integer(data, DCM_Rows) == 1200);
  put_bytes(data, DCM_Rows, std::string("\xB0\x04", 2));
  CHECK(tag_integer(data, DCM_Rows) == 1200);
  put_bytes(data, DCM_Rows, std::string("\xB0\x04\0\0", 4));
  CHECK(tag_integer(data, DCM_Rows) == 1200);
  put_bytes(data, DCM_NumberOfFrames, "12");
  CHECK(tag_integer(data, DCM_NumberOfFrames) == 12);
  data.putAndInsertUint32(DcmTag(DCM_Rows, EVR_UL), 1200);
  CHECK(tag_integer(data, DCM_Rows) == 1200);
  data.putAndInsertSint16(DcmTag(DCM_Rows, EVR_SS), 1200);
  CHECK(tag_integer(data, DCM_Rows) == 1200);
  data.putAndInsertString(DCM_NumberOfFrames, "2.5");
  CHECK_FALSE(tag_integer(data, DCM_NumberOfFrames));
}

TEST_CASE("Texts of unknown representation are read as text") {
  prepare_dicom_libraries();
  DcmDataset data;
  put_bytes(data, DCM_PatientOrientation, "A\\F ");
  CHECK(tag_text(data, DCM_PatientOrientation) == "A");
  CHECK(tag_texts(data, DCM_PatientOrientation) == "A\\F");
}
