#include "spine/io/dicom/dicom_lut.h"

#include "io/dicom/dicom_films.h"

using namespace spine;
using spine::test::contains;

namespace {

using Bytes = std::vector<Uint8>;

void put_words(DcmItem& item, const DcmTagKey& key, DcmEVR vr, const std::vector<int>& values) {
  DcmElement* element = nullptr;
  REQUIRE(DcmItem::newDicomElementWithVR(element, DcmTag(key, vr)).good());
  std::vector<Uint16> words;
  for (const int value : values) words.push_back(static_cast<Uint16>(value));
  const auto count = static_cast<unsigned long>(words.size());
  if (vr == EVR_SS) {
    const std::vector<Sint16> with_sign(words.begin(), words.end());
    REQUIRE(element->putSint16Array(with_sign.data(), count).good());
  } else {
    REQUIRE(element->putUint16Array(words.data(), count).good());
  }
  REQUIRE(item.insert(element, OFTrue).good());
}

void put_bytes(DcmItem& item, const DcmTagKey& key, DcmEVR vr, const Bytes& bytes) {
  DcmElement* element = new DcmOtherByteOtherWord(DcmTag(key, vr));
  REQUIRE(element->putUint8Array(bytes.data(), static_cast<unsigned long>(bytes.size())).good());
  REQUIRE(item.insert(element, OFTrue).good());
}

std::optional<LookupTable> table(const std::function<void(DcmItem&)>& fill,
                                 bool is_signed = false) {
  prepare_dicom_libraries();
  DcmItem item;
  fill(item);
  return lookup_table(item, DCM_LUTDescriptor, DCM_LUTData, is_signed);
}

using Entries = std::vector<std::uint16_t>;

}  // namespace

TEST_CASE("Tables of 16 bits are read as US, SS and OW") {
  for (const DcmEVR descriptor : {EVR_US, EVR_SS}) {
    for (const DcmEVR vr : {EVR_US, EVR_SS, EVR_OW}) {
      const auto read = table([&](DcmItem& item) {
        put_words(item, DCM_LUTDescriptor, descriptor, {4, 10, 16});
        put_words(item, DCM_LUTData, vr, {0, 1000, 40000, 65535});
      });
      REQUIRE(read);
      CHECK(read->data == Entries{0, 1000, 40000, 65535});
      CHECK(read->first == 10);
      CHECK(read->bits == 16);
    }
  }
}

TEST_CASE("Tables of 8 bits are read packed, as bytes and as words") {
  const auto read = [](const std::function<void(DcmItem&)>& fill) {
    const auto result = table([&](DcmItem& item) {
      put_words(item, DCM_LUTDescriptor, EVR_US, {3, 0, 8});
      fill(item);
    });
    REQUIRE(result);
    CHECK(result->bits == 8);
    return result->data;
  };
  const Entries wanted{5, 100, 255};
  CHECK(read([](DcmItem& i) { put_words(i, DCM_LUTData, EVR_OW, {5 | 100 << 8, 255}); }) == wanted);
  CHECK(read([](DcmItem& i) { put_words(i, DCM_LUTData, EVR_US, {5 | 100 << 8, 255}); }) == wanted);
  CHECK(read([](DcmItem& i) { put_words(i, DCM_LUTData, EVR_US, {5, 100, 255}); }) == wanted);
  CHECK(read([](DcmItem& i) { put_bytes(i, DCM_LUTData, EVR_OB, {5, 100, 255, 0}); }) == wanted);
  CHECK(read([](DcmItem& i) { put_bytes(i, DCM_LUTData, EVR_UN, {5, 100, 255, 0}); }) == wanted);
}

TEST_CASE("Bytes may contain words, and the first value may be negative") {
  const auto read = table(
      [](DcmItem& item) {
        put_words(item, DCM_LUTDescriptor, EVR_US, {2, 65036, 12});
        put_bytes(item, DCM_LUTData, EVR_OB, {1, 2, 3, 4});
      },
      true);
  REQUIRE(read);
  CHECK(read->data == Entries{0x0201, 0x0403});
  CHECK(read->first == -500);
  const auto with_sign = table(
      [](DcmItem& item) {
        put_words(item, DCM_LUTDescriptor, EVR_SS, {2, -500, 12});
        put_words(item, DCM_LUTData, EVR_SS, {1, 2});
      },
      true);
  REQUIRE(with_sign);
  CHECK(with_sign->first == -500);
}

TEST_CASE("0 entries mean 65536, and a table with too few is rejected") {
  const auto full = table([](DcmItem& item) {
    put_words(item, DCM_LUTDescriptor, EVR_US, {0, 0, 16});
    put_words(item, DCM_LUTData, EVR_OW, std::vector<int>(65536, 7));
  });
  REQUIRE(full);
  CHECK(full->data.size() == 65536);
  CHECK_FALSE(table([](DcmItem& item) {
    put_words(item, DCM_LUTDescriptor, EVR_US, {100, 0, 16});
    put_words(item, DCM_LUTData, EVR_OW, std::vector<int>(20, 7));
  }));
  // Incomplete words are not bytes.
  CHECK_FALSE(table([](DcmItem& item) {
    put_words(item, DCM_LUTDescriptor, EVR_US, {100, 0, 16});
    put_words(item, DCM_LUTData, EVR_OW, std::vector<int>(97, 7));
  }));
  CHECK_FALSE(table([](DcmItem&) {}));
}

namespace {

struct Read {
  GreyPipeline pipeline;
  std::vector<std::string> notes;
};

Read pipeline(const std::vector<std::pair<DcmTagKey, const char*>>& tags) {
  prepare_dicom_libraries();
  DcmDataset data;
  for (const auto& [key, value] : tags) data.putAndInsertString(key, value);
  Read read;
  read.pipeline = grey_pipeline(data, {12, 11, false}, "MONOCHROME2", read.notes);
  return read;
}

}  // namespace

TEST_CASE("Windows and rescale values are parsed leniently") {
  const auto comma = pipeline({{DCM_WindowCenter, "2048,5"},
                               {DCM_WindowWidth, " 4096 "},
                               {DCM_RescaleSlope, "0,5"},
                               {DCM_RescaleIntercept, "-100"}});
  REQUIRE(comma.pipeline.window);
  CHECK(comma.pipeline.window->center == 2048.5);
  CHECK(comma.pipeline.window->width == 4096);
  CHECK(comma.pipeline.slope == 0.5);
  CHECK(comma.pipeline.intercept == -100);
  CHECK(comma.notes.empty());
  const auto broken = pipeline({{DCM_WindowCenter, "2048HU"}, {DCM_WindowWidth, "4096"}});
  CHECK_FALSE(broken.pipeline.window);
  REQUIRE(broken.notes.size() == 1);
  CHECK(contains(broken.notes[0], "not a valid number"));
  const auto slope = pipeline({{DCM_RescaleSlope, "1.0x"}, {DCM_RescaleIntercept, "7"}});
  CHECK(slope.pipeline.slope == 1);
  CHECK(slope.pipeline.intercept == 0);
  CHECK(contains(slope.notes.at(0), "rescale"));
}

TEST_CASE("Angiographic and fluoroscopic films are displayed without their modality LUT") {
  for (const char* sop_class : {UID_XRayRadiofluoroscopicImageStorage,
                                UID_XRayAngiographicImageStorage, UID_EnhancedXRFImageStorage}) {
    const auto read = pipeline(
        {{DCM_SOPClassUID, sop_class}, {DCM_RescaleSlope, "3"}, {DCM_RescaleIntercept, "1"}});
    CHECK(read.pipeline.slope == 1);
    CHECK(read.pipeline.intercept == 0);
  }
  CHECK(pipeline({{DCM_SOPClassUID, UID_DigitalXRayImageStorageForPresentation},
                  {DCM_RescaleSlope, "3"}})
            .pipeline.slope == 3);
}
