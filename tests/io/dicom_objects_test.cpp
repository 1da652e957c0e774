#include "spine/io/dicom_objects.h"

#include "io/throws.h"
#include "support/catch.h"
#include "support/temp_dir.h"
#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>
#include <opencv2/imgproc.hpp>

#include "spine/io/atomic_file.h"
#include "spine/io/dicom_tags.h"

using namespace spine;

namespace {

MaskStack some_masks() {
  MaskStack masks({53, 37});  // no multiple of 8 pixels
  cv::RNG random(3);
  for (const Structure structure : kStructures) {
    cv::Mat mask(37, 53, CV_8UC1, cv::Scalar(0));
    cv::circle(mask, {random.uniform(5, 45), random.uniform(5, 30)}, 9, cv::Scalar(255),
               cv::FILLED);
    if (structure != Structure::F2) masks.set(structure, mask);  // that one stays empty
  }
  return masks;
}

Measurements some_values() {
  Measurements measurements;
  measurements.values = {{"PI", 51.25, "deg", "ok"},
                         {"PT", -0.0001, "deg", "ok"},
                         {"LL", 60.5, "deg", "ok"},
                         {"segmental_L4_L5", 20.0, "deg", "ok"},
                         {"disc_height_L4_L5_posterior", 8.125, "mm", "ok"},
                         {"wedge_L3", 2.5, "deg", "ok"},
                         {"slip_L5_S1", std::nullopt, "mm", "no spacing"},
                         {"meyerding_L4_L5", 1.0, "grade", "ok"},
                         {"LDI", 62.0, "%", "ok"},
                         {"angle_L2.sup_L4.inf", 33.0, "deg", "ok"}};
  measurements.qc = {"one_head", "levels_uncertain"};
  return measurements;
}

DicomOrigin some_origin() {
  DicomOrigin origin;
  origin.source.character_set = "ISO_IR 192";
  origin.source.patient_name = "Doe^Jane";
  origin.source.patient_id = "4711";
  origin.source.birth_date = "19500101";
  origin.source.sex = "F";
  origin.source.study_uid = "1.2.3.1";
  origin.source.series_uid = "1.2.3.2";
  origin.source.sop_uid = "1.2.3.3";
  origin.source.sop_class = UID_DigitalXRayImageStorageForPresentation;
  origin.version = "0.1.0";
  origin.run = "a run";
  return origin;
}

std::string value_of(const std::filesystem::path& file, const DcmTagKey& key) {
  DcmFileFormat format;
  REQUIRE(format.loadFile(file.c_str()).good());
  return tag_text(*format.getDataset(), key);
}

/// All text in the file, to look for what must not be there.
bool holds(const std::filesystem::path& file, const std::string& text) {
  return read_file(file).find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("Masks come back from a segmentation as they were") {
  const test::TempDir temp;
  const MaskStack masks = some_masks();
  write_dicom_seg(temp / "seg.dcm", masks, some_origin());
  const MaskStack back = read_dicom_seg(temp / "seg.dcm");
  REQUIRE(back.size() == masks.size());
  for (const Structure structure : kStructures) {
    CHECK(cv::norm(back[structure], masks[structure], cv::NORM_INF) == 0);
  }
  CHECK(value_of(temp / "seg.dcm", DCM_Modality) == "SEG");
}

TEST_CASE("A file that is no segmentation of ours is refused") {
  const test::TempDir temp;
  write_dicom_sc(temp / "sc.dcm", cv::Mat(8, 9, CV_8UC3, cv::Scalar(1, 2, 3)), some_origin());
  test::message_of(ErrorKind::unsupported, [&] { read_dicom_seg(temp / "sc.dcm"); });
}

TEST_CASE("A picture's colours are those of the capture") {
  const test::TempDir temp;
  write_dicom_sc(temp / "sc.dcm", cv::Mat(7, 9, CV_8UC3, cv::Scalar(1, 2, 3)), some_origin());
  DcmFileFormat format;
  REQUIRE(format.loadFile((temp / "sc.dcm").c_str()).good());
  const Uint8* bytes = nullptr;
  REQUIRE(format.getDataset()->findAndGetUint8Array(DCM_PixelData, bytes).good());
  CHECK(bytes[0] == 3);  // blue, green, red to red, green, blue
  CHECK(bytes[2] == 1);
}

TEST_CASE("A report holds the values that were given, with codes and units") {
  const test::TempDir temp;
  write_dicom_sr(temp / "sr.dcm", some_values(), some_origin());
  const auto file = temp / "sr.dcm";
  CHECK(value_of(file, DCM_Modality) == "SR");
  for (const char* text : {"51.25", "Pelvic incidence", "99SPINE", "UCUM", "8.125",
                           "Level of L4/L5 intervertebral disc", "levels_uncertain", "1.2.3.3"}) {
    INFO(text);
    CHECK(holds(file, text));
  }
  CHECK_FALSE(holds(file, "-0.0"));
  CHECK_FALSE(holds(file, "Level of L5/S1"));  // nothing was measured there
}

TEST_CASE("The same run gives the same objects, another run others") {
  const test::TempDir temp;
  DicomOrigin origin = some_origin();
  write_dicom_seg(temp / "a.dcm", some_masks(), origin);
  write_dicom_seg(temp / "b.dcm", some_masks(), origin);
  origin.run = "another";
  write_dicom_seg(temp / "c.dcm", some_masks(), origin);
  const auto uid = [&](const char* name) { return value_of(temp / name, DCM_SOPInstanceUID); };
  CHECK(uid("a.dcm") == uid("b.dcm"));
  CHECK(uid("a.dcm") != uid("c.dcm"));
}

TEST_CASE("Without identifiers an object tells nothing of the patient") {
  const test::TempDir temp;
  DicomOrigin origin = some_origin();
  origin.source = without_identifiers(origin.source, StudyKey("a secret of some length"), "s");
  write_dicom_seg(temp / "seg.dcm", some_masks(), origin);
  write_dicom_sr(temp / "sr.dcm", some_values(), origin);
  write_dicom_sc(temp / "sc.dcm", cv::Mat(8, 9, CV_8UC3, cv::Scalar(1, 2, 3)), origin);
  for (const char* name : {"seg.dcm", "sr.dcm", "sc.dcm"}) {
    INFO(name);
    for (const char* secret : {"Doe", "Jane", "4711", "19500101", "1.2.3."}) {
      CHECK_FALSE(holds(temp / name, secret));
    }
    CHECK(value_of(temp / name, DCM_PatientIdentityRemoved) == "YES");
    CHECK(value_of(temp / name, DCM_StudyInstanceUID).starts_with("2.25."));
  }
}
