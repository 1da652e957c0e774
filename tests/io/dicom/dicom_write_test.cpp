#include "support/catch.h"
#include "support/pictures.h"
#include "support/temp_dir.h"
#include "support/throws.h"
#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

#include "spine/io/dicom/dicom_io.h"
#include "spine/io/dicom/dicom_runtime.h"
#include "spine/util/atomic_file.h"

using namespace spine;
using spine::test::contains;
using spine::test::message_of;

namespace {

std::string tag(const std::filesystem::path& file, const DcmTagKey& key) {
  DcmFileFormat format;
  REQUIRE(format.loadFile(OFFilename(file.c_str())).good());
  OFString value;
  format.getDataset()->findAndGetOFStringArray(key, value);
  return value.c_str();
}

}  // namespace

TEST_CASE("The same film gives the same bytes, in every compression") {
  const test::TempDir dir;
  for (const auto compression :
       {DicomCompression::none, DicomCompression::rle, DicomCompression::jpeg_lossless,
        DicomCompression::jpeg_ls, DicomCompression::jpeg_2000}) {
    DicomWriteOptions options;
    options.compression = compression;
    write_dicom(dir / "a.dcm", test::toy_film(), options);
    write_dicom(dir / "b.dcm", test::toy_film(), options);
    CHECK(read_file(dir / "a.dcm") == read_file(dir / "b.dcm"));
  }
}

TEST_CASE("Tags follow the options and name no person") {
  const test::TempDir dir;
  DicomWriteOptions options;
  options.modality = "CR";
  options.study = "sim_0001";
  options.imager_spacing = Spacing{0.2, 0.15};
  options.magnification = 1.1;
  options.window_center = 1000;
  options.window_width = 500;
  options.bits_stored = 12;
  cv::Mat deep;
  test::toy_film().convertTo(deep, CV_16U, 16);
  write_dicom(dir / "a.dcm", deep, options);
  const auto file = dir / "a.dcm";
  CHECK(tag(file, DCM_Modality) == "CR");
  CHECK(tag(file, DCM_SOPClassUID) == UID_ComputedRadiographyImageStorage);
  CHECK(tag(file, DCM_PatientName) == "SIMULATED^FILM");
  CHECK(tag(file, DCM_PatientBirthDate).empty());
  CHECK(tag(file, DCM_StudyDate).empty());
  CHECK(tag(file, DCM_ImagerPixelSpacing) == "0.200000\\0.150000");
  CHECK(tag(file, DCM_EstimatedRadiographicMagnificationFactor) == "1.1");
  CHECK(tag(file, DCM_WindowCenter) == "1000");
  CHECK(tag(file, DCM_BitsStored) == "12");
  CHECK(tag(file, DCM_StudyInstanceUID).rfind("2.25.", 0) == 0);
  options.study = "sim_0002";
  write_dicom(dir / "b.dcm", deep, options);
  CHECK(tag(dir / "b.dcm", DCM_StudyInstanceUID) != tag(file, DCM_StudyInstanceUID));
}

TEST_CASE("Pixels out of range and a missing folder are rejected") {
  const test::TempDir dir;
  CHECK(contains(message_of(ErrorKind::internal,
                            [&] { write_dicom(dir / "a.dcm", test::noise(9, 9, CV_8UC3)); }),
                 "8UC3"));
  DicomWriteOptions options;
  options.bits_stored = 10;
  CHECK(contains(message_of(ErrorKind::internal,
                            [&] {
                              write_dicom(dir / "a.dcm", cv::Mat(9, 9, CV_16UC1, cv::Scalar(1024)),
                                          options);
                            }),
                 "up to 1023, got 1024"));
  CHECK(contains(
      message_of(ErrorKind::output, [&] { write_dicom(dir / "none/a.dcm", test::toy_film()); }),
      "none/a.dcm"));
}
