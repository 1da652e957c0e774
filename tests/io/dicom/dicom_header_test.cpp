#include "spine/io/dicom/dicom_header.h"

#include "io/dicom/dicom_films.h"

#include "spine/io/dicom/dicom_selection.h"
#include "spine/util/atomic_file.h"

using namespace spine;

TEST_CASE("A header contains identifiers, codes and descriptions, without pixels") {
  const test::TempDir dir;
  DcmFileFormat format;
  DcmDataset& d = *format.getDataset();
  test::put_identity(d);
  d.putAndInsertString(DCM_BodyPartExamined, "LSPINE");
  d.putAndInsertString(DCM_ViewPosition, "LL");
  d.putAndInsertString(DCM_PatientOrientation, "A\\F");
  d.putAndInsertString(DCM_SeriesDescription, "LWS seitlich/stehend");
  REQUIRE(format.saveFile((dir / "a").c_str(), EXS_LittleEndianExplicit).good());
  const DicomHeader header = read_dicom_header(dir / "a");
  CHECK(header.study_uid == "1.2.3");
  CHECK(header.sop_uid == "1.2.3.4");
  CHECK(header.modality == "DX");
  CHECK(header.body_part == "LSPINE");
  CHECK(header.view == "LL");
  CHECK(header.orientation == "A\\F");
  CHECK(header.descriptions == std::vector<std::string>{"LWS seitlich/stehend"});
  CHECK_FALSE(header.own_result);
  CHECK_FALSE(header.pixels);
}

TEST_CASE("Descriptions of the study are not used for the film") {
  const test::TempDir dir;
  DcmFileFormat format;
  DcmDataset& d = *format.getDataset();
  for (const auto& key :
       {DCM_StudyDescription, DCM_RequestedProcedureDescription,
        DCM_PerformedProcedureStepDescription, DCM_ReasonForTheRequestedProcedure}) {
    d.putAndInsertString(key, "knee AP");
  }
  d.putAndInsertString(DCM_ViewPosition, "AP\\LL");
  d.putAndInsertString(DCM_BodyPartExamined, "KNEE\\LSPINE");
  REQUIRE(format.saveFile((dir / "a").c_str(), EXS_LittleEndianExplicit).good());
  const DicomHeader header = read_dicom_header(dir / "a");
  CHECK(header.descriptions.empty());
  CHECK(header.view_code.empty());
  CHECK(header.region_code.empty());
  CHECK(header.view == "AP\\LL");
  CHECK(header.body_part == "KNEE\\LSPINE");
}

TEST_CASE("Selection depends on the film's own descriptions, not on the study's") {
  const test::TempDir dir;
  const auto reason_with = [&](const DcmTagKey& key, const char* text) {
    DcmFileFormat format;
    DcmDataset& d = *format.getDataset();
    d.putAndInsertString(DCM_SOPClassUID, UID_DigitalXRayImageStorageForPresentation);
    d.putAndInsertString(DCM_SpecificCharacterSet, "ISO_IR 192");
    d.putAndInsertString(DCM_Modality, "DX");
    d.putAndInsertUint16(DCM_Rows, 8);
    d.putAndInsertUint16(DCM_Columns, 8);
    d.putAndInsertString(key, text);
    REQUIRE(format.saveFile((dir / "a").c_str(), EXS_LittleEndianExplicit).good());
    return why_excluded(read_dicom_header(dir / "a"), {}).value_or("");
  };
  for (const char* text : {"AP", "LWS AP und seitlich", "Knee", "Chest PA", "face et profil",
                           "L-Spine 2 views AP", "腰椎 AP 側面"}) {
    INFO(text);
    for (const auto& key : {DCM_StudyDescription, DCM_RequestedProcedureDescription,
                            DCM_PerformedProcedureStepDescription}) {
      CHECK(reason_with(key, text).empty());
    }
  }
  for (const auto& key :
       {DCM_SeriesDescription, DCM_ProtocolName, DCM_AcquisitionDeviceProcessingDescription}) {
    CHECK(reason_with(key, "LWS AP") == "described as a view that is not lateral");
    CHECK(reason_with(key, "Knee") == "described as another part of the body");
    CHECK(reason_with(key, "LWS AP und seitlich").empty());
    CHECK(reason_with(key, "whole spine incl. knee").empty());
  }
}

TEST_CASE("Descriptions and code meanings are UTF-8 for any character set") {
  const test::TempDir dir;
  DcmFileFormat format;
  DcmDataset& d = *format.getDataset();
  d.putAndInsertString(DCM_SpecificCharacterSet, "ISO_IR 144");
  d.putAndInsertString(DCM_SeriesDescription, "\xD1\xDE\xDA");  // three Cyrillic letters
  DcmItem* item = nullptr;
  d.findOrCreateSequenceItem(DCM_ViewCodeSequence, item, -2);
  item->putAndInsertString(DCM_CodeMeaning, "lateral");
  d.findOrCreateSequenceItem(DCM_AnatomicRegionSequence, item, -2);
  item->putAndInsertString(DCM_CodeMeaning, "Lumbar spine");
  REQUIRE(format.saveFile((dir / "a").c_str(), EXS_LittleEndianExplicit).good());
  const DicomHeader header = read_dicom_header(dir / "a");
  CHECK(header.descriptions == std::vector<std::string>{"бок"});
  CHECK(header.view_code == "lateral");
  CHECK(header.region_code == "Lumbar spine");
}

TEST_CASE("A file that is not DICOM has no header") {
  const test::TempDir dir;
  write_file_atomically(dir / "words", std::string_view("words and more words"));
  test::message_of(ErrorKind::unreadable, [&] { read_dicom_header(dir / "words"); });
  test::message_of(ErrorKind::unreadable, [&] { read_dicom_header(dir / "none"); });
}
