#include "spine/io/dicom_header.h"

#include "io/throws.h"
#include "support/catch.h"
#include "support/temp_dir.h"
#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

#include "spine/io/atomic_file.h"

using namespace spine;

TEST_CASE("A header has identifiers, codes and words, and needs no pixels") {
  const test::TempDir dir;
  DcmFileFormat format;
  DcmDataset& d = *format.getDataset();
  d.putAndInsertString(DCM_SOPClassUID, UID_DigitalXRayImageStorageForPresentation);
  d.putAndInsertString(DCM_SOPInstanceUID, "1.2.3.4");
  d.putAndInsertString(DCM_StudyInstanceUID, "1.2.3");
  d.putAndInsertString(DCM_SeriesInstanceUID, "1.2.3.3");
  d.putAndInsertString(DCM_Modality, "DX");
  d.putAndInsertString(DCM_BodyPartExamined, "LSPINE");
  d.putAndInsertString(DCM_ViewPosition, "LL");
  d.putAndInsertString(DCM_PatientOrientation, "A\\F");
  d.putAndInsertString(DCM_SeriesDescription, "LWS seitlich/stehend");
  REQUIRE(format.saveFile((dir / "a").c_str(), EXS_LittleEndianExplicit).good());
  const DicomHeader header = read_dicom_header(dir / "a");
  CHECK(header.study_uid == "1.2.3");
  CHECK(header.series_uid == "1.2.3.3");
  CHECK(header.sop_uid == "1.2.3.4");
  CHECK(header.modality == "DX");
  CHECK(header.body_part == "LSPINE");
  CHECK(header.view == "LL");
  CHECK(header.orientation == "A\\F");
  CHECK(header.words == std::vector<std::string>{"lws", "seitlich", "stehend"});
  CHECK(header.frames == 1);
  CHECK_FALSE(header.pixels);
}

TEST_CASE("What is no DICOM has no header") {
  const test::TempDir dir;
  write_file_atomically(dir / "words", std::string_view("words and more words"));
  test::message_of(ErrorKind::unreadable, [&] { read_dicom_header(dir / "words"); });
  test::message_of(ErrorKind::unreadable, [&] { read_dicom_header(dir / "none"); });
}
