#include "spine/io/dicom/dicom_objects.h"

#include <algorithm>
#include <map>

#include "support/catch.h"
#include "support/dicom_seg.h"
#include "support/temp_dir.h"
#include "support/throws.h"
#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmsr/dsrdoc.h>
#include <opencv2/imgproc.hpp>

#include "spine/dataset/pseudonym_key.h"
#include "spine/io/dicom/dicom_header.h"
#include "spine/io/dicom/dicom_tags.h"
#include "spine/util/atomic_file.h"

using namespace spine;

namespace {

MaskStack some_masks() {
  MaskStack masks({53, 37});  // not a multiple of 8 pixels
  cv::RNG random(3);
  for (const Structure structure : kStructures) {
    cv::Mat mask(37, 53, CV_8UC1, cv::Scalar(0));
    cv::circle(mask, {random.uniform(5, 45), random.uniform(5, 30)}, 9, cv::Scalar(255),
               cv::FILLED);
    if (structure != Structure::F2) masks.set(structure, mask);  // F2 stays empty
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

/// A report's measurements: code to value.
std::map<std::string, std::string> codes_in(const std::filesystem::path& file) {
  DcmFileFormat format;
  REQUIRE(format.loadFile(file.c_str()).good());
  DSRDocument document;
  REQUIRE(document.read(*format.getDataset()).good());
  std::map<std::string, std::string> codes;
  DSRDocumentTree& tree = document.getTree();
  tree.gotoRoot();
  do {
    const DSRContentItem& item = tree.getCurrentContentItem();
    if (item.getValueType() != DSRTypes::VT_Num) continue;
    const std::string code = item.getConceptName().getCodeValue().c_str();
    INFO(code);
    CHECK(codes.emplace(code, item.getNumericValue().getNumericValue().c_str()).second);
  } while (tree.iterate() > 0);
  return codes;
}

/// Every name that measurements can have, and more.
std::vector<std::string> all_names() {
  std::vector<std::string> names{"PI",           "PT",          "SS",         "LL",
                                 "PI_LL",        "L4_S1",       "LDI",        "L1PA",
                                 "schwab_PI_LL", "schwab_PT",   "roussouly",  "ideal_SS",
                                 "ideal_LL",     "relative_SS", "relative_LL"};
  const std::vector<std::string> levels{"L1", "L2", "L3", "L4", "L5", "S1"};
  std::vector<std::string> endplates;
  for (std::size_t i = 0; i < 5; ++i) {
    const std::string disc = levels[i] + "_" + levels[i + 1];
    for (const char* prefix : {"segmental_", "disc_angle_", "slip_", "meyerding_"}) {
      names.push_back(prefix + disc);
    }
    for (const char* part : {"_anterior", "_middle", "_posterior", "_mean"}) {
      names.push_back("disc_height_" + disc + part);
    }
    names.push_back("wedge_" + levels[i]);
    endplates.push_back(levels[i] + ".sup");
    endplates.push_back(levels[i] + ".inf");
  }
  endplates.emplace_back("S1.sup");
  for (std::size_t i = 0; i < endplates.size(); ++i) {
    for (std::size_t j = i + 1; j < endplates.size(); ++j) {
      names.push_back("angle_" + endplates[i] + "_" + endplates[j]);
    }
  }
  names.emplace_back("a_name_that_is_longer_than_any_of_today");
  names.emplace_back("a_name_that_is_longer_than_any_of_tomorrow");
  return names;
}

/// Whether the file contains a text, to check for identifiers.
bool holds(const std::filesystem::path& file, const std::string& text) {
  return read_file(file).find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("Masks are read back from a segmentation unchanged") {
  const test::TempDir temp;
  const MaskStack masks = some_masks();
  write_dicom_seg(temp / "seg.dcm", masks, some_origin());
  const MaskStack back = test::read_dicom_seg(temp / "seg.dcm");
  REQUIRE(back.size() == masks.size());
  for (const Structure structure : kStructures) {
    CHECK(cv::norm(back[structure], masks[structure], cv::NORM_INF) == 0);
  }
  CHECK(value_of(temp / "seg.dcm", DCM_Modality) == "SEG");
}

TEST_CASE("A capture has the colours of the image") {
  const test::TempDir temp;
  write_dicom_sc(temp / "sc.dcm", cv::Mat(7, 9, CV_8UC3, cv::Scalar(1, 2, 3)), some_origin());
  DcmFileFormat format;
  REQUIRE(format.loadFile((temp / "sc.dcm").c_str()).good());
  const Uint8* bytes = nullptr;
  REQUIRE(format.getDataset()->findAndGetUint8Array(DCM_PixelData, bytes).good());
  CHECK(bytes[0] == 3);  // blue, green, red to red, green, blue
  CHECK(bytes[2] == 1);
}

TEST_CASE("A report contains the available values with codes and units") {
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
  CHECK_FALSE(holds(file, "Level of L5/S1"));  // no value there
}

TEST_CASE("A report that a reader verified names the reader, the organization and the time") {
  const test::TempDir temp;
  DicomOrigin origin = some_origin();
  DicomReading reading{"Kim^Min\\su", "Seoul =NUH", "2026-11-30T14:35:25Z", true, {"S1.sup", "F1"}};
  write_dicom_sr(temp / "sr.dcm", some_values(), origin, reading);
  const auto load = [&] {
    DcmFileFormat format;
    REQUIRE(format.loadFile((temp / "sr.dcm").c_str()).good());
    auto document = std::make_unique<DSRDocument>();
    REQUIRE(document->read(*format.getDataset()).good());
    return document;
  };
  auto document = load();
  CHECK(document->getVerificationFlag() == DSRTypes::VF_Verified);
  CHECK(document->getCompletionFlag() == DSRTypes::CF_Complete);
  REQUIRE(document->getNumberOfVerifyingObservers() == 1);
  OFString time, name, organization;
  CHECK(document->getVerifyingObserver(1, time, name, organization).good());
  CHECK(time == "20261130143525+0000");
  CHECK(name == "Kim Min su");
  CHECK(organization == "Seoul  NUH");
  CHECK(value_of(temp / "sr.dcm", DCM_VerificationFlag) == "VERIFIED");
  CHECK(holds(temp / "sr.dcm", "S1.sup, F1"));
  const std::string verified = value_of(temp / "sr.dcm", DCM_SOPInstanceUID);

  reading.verified = false;
  write_dicom_sr(temp / "sr.dcm", some_values(), origin, reading);
  CHECK(load()->getVerificationFlag() == DSRTypes::VF_Unverified);
  CHECK(load()->getNumberOfVerifyingObservers() == 0);
  write_dicom_sr(temp / "sr.dcm", some_values(), origin);
  CHECK(value_of(temp / "sr.dcm", DCM_VerificationFlag) == "UNVERIFIED");
  CHECK(value_of(temp / "sr.dcm", DCM_SOPInstanceUID) != verified);
}

TEST_CASE("A reader's name in another script stands beside a patient's in another character set") {
  const test::TempDir temp;
  DicomOrigin origin = some_origin();
  origin.source.character_set = "ISO_IR 100";
  origin.source.patient_name = "M\xFCller";
  write_dicom_sr(temp / "sr.dcm", some_values(), origin,
                 DicomReading{"김민수", "병원", "2026-11-30T14:35:25Z", true});
  CHECK(value_of(temp / "sr.dcm", DCM_PatientName) == "Müller");
  CHECK(value_of(temp / "sr.dcm", DCM_SpecificCharacterSet) == "ISO_IR 192");
  CHECK(holds(temp / "sr.dcm", "김민수"));
  origin.source.character_set = "";
  origin.source.patient_name = "Doe";
  write_dicom_sr(temp / "sr.dcm", some_values(), origin, DicomReading{"", "", "", true});
  CHECK(value_of(temp / "sr.dcm", DCM_SpecificCharacterSet) == "ISO_IR 192");
}

TEST_CASE("The film of a report is read back from it") {
  const test::TempDir temp;
  const DicomOrigin origin = some_origin();
  write_dicom_sr(temp / "sr.dcm", some_values(), origin);
  const DicomSource source = read_dicom_evidence(temp / "sr.dcm");
  CHECK(source.sop_uid == origin.source.sop_uid);
  CHECK(source.series_uid == origin.source.series_uid);
  CHECK(source.sop_class == origin.source.sop_class);
  CHECK(source.study_uid == origin.source.study_uid);
  CHECK(source.patient_name == origin.source.patient_name);
  CHECK(source.identified);
  write_dicom_sc(temp / "sc.dcm", cv::Mat(8, 9, CV_8UC3, cv::Scalar(1, 2, 3)), origin);
  CHECK_THROWS_AS(read_dicom_evidence(temp / "sc.dcm"), Error);
}

TEST_CASE("Every measurement has a unique code, by which its value is read back") {
  const test::TempDir temp;
  Measurements measurements;
  const std::vector<std::string> names = all_names();
  for (std::size_t i = 0; i < names.size(); ++i) {
    measurements.values.push_back({names[i], static_cast<double>(i), "deg", "ok"});
  }
  write_dicom_sr(temp / "sr.dcm", measurements, some_origin());
  auto codes = codes_in(temp / "sr.dcm");
  CHECK(codes.size() == names.size());
  CHECK(codes["PI"] == "0");
  const auto value_of_name = [&](const std::string& name) {
    return std::to_string(std::find(names.begin(), names.end(), name) - names.begin());
  };
  CHECK(codes["angle_L2s_L4s"] == value_of_name("angle_L2.sup_L4.sup"));
  CHECK(codes["angle_L2s_L4i"] == value_of_name("angle_L2.sup_L4.inf"));
  CHECK(codes["dh_L5_S1_ant"] == value_of_name("disc_height_L5_S1_anterior"));
  CHECK(codes["disc_angle_L5_S1"] == value_of_name("disc_angle_L5_S1"));
  // Only names without a short code exceed the length of a Code Value.
  for (const auto& [code, value] : codes) {
    INFO(code);
    CHECK((code.size() <= 16 || code.starts_with("a_name_that")));
  }
}

TEST_CASE("The device is the same for all films and runs of a version, objects are distinct") {
  const test::TempDir temp;
  const auto device_of = [&](const DicomOrigin& origin) {
    write_dicom_sr(temp / "sr.dcm", some_values(), origin);
    DcmFileFormat format;
    REQUIRE(format.loadFile((temp / "sr.dcm").c_str()).good());
    DcmStack stack;
    DcmDataset& data = *format.getDataset();
    REQUIRE(data.search(DCM_UID, stack, ESM_fromHere, OFTrue).good());
    OFString uid;
    dynamic_cast<DcmElement*>(stack.top())->getOFString(uid, 0);
    return std::string(uid.c_str());
  };
  DicomOrigin origin = some_origin();
  const std::string device = device_of(origin);
  const std::string object = value_of(temp / "sr.dcm", DCM_SOPInstanceUID);
  CHECK(device.starts_with("2.25."));
  origin.source.sop_uid = "1.2.3.4";
  origin.run = "another";
  CHECK(device_of(origin) == device);
  CHECK(value_of(temp / "sr.dcm", DCM_SOPInstanceUID) != object);
  const std::string creator = value_of(temp / "sr.dcm", DCM_InstanceCreatorUID);
  origin.version = "0.2.0";
  CHECK(device_of(origin) != device);
  CHECK(value_of(temp / "sr.dcm", DCM_InstanceCreatorUID) == creator);
}

TEST_CASE("Own objects are recognised for any patient and after removal of attributes") {
  const test::TempDir temp;
  DicomOrigin origin = some_origin();
  const auto write_all = [&] {
    write_dicom_seg(temp / "seg.dcm", some_masks(), origin);
    write_dicom_sr(temp / "sr.dcm", some_values(), origin);
    write_dicom_sc(temp / "sc.dcm", cv::Mat(8, 9, CV_8UC3, cv::Scalar(1, 2, 3)), origin);
  };
  for (const bool identified : {true, false}) {
    if (!identified) {
      origin.source =
          without_identifiers(origin.source, PseudonymKey("a secret of some length"), "s");
      origin.version = "9.9.9";
    }
    write_all();
    for (const char* name : {"seg.dcm", "sr.dcm", "sc.dcm"}) {
      INFO(name);
      CHECK(read_dicom_header(temp / name).own_result);
    }
  }
  DcmFileFormat format;
  REQUIRE(format.loadFile((temp / "sc.dcm").c_str()).good());
  DcmDataset& data = *format.getDataset();
  const auto is_own = [&] {
    REQUIRE(format.saveFile((temp / "other").c_str(), EXS_LittleEndianExplicit).good());
    return read_dicom_header(temp / "other").own_result;
  };
  // Another tool replaced all UIDs, or removed the equipment.
  data.putAndInsertString(DCM_InstanceCreatorUID, "1.2.3");
  CHECK(is_own());
  write_all();
  REQUIRE(format.loadFile((temp / "sc.dcm").c_str()).good());
  format.getDataset()->putAndInsertString(DCM_Manufacturer, "");
  CHECK(is_own());
  // A derived image of another manufacturer is an ordinary film.
  format.getDataset()->putAndInsertString(DCM_Manufacturer, "another");
  format.getDataset()->findAndDeleteElement(DCM_InstanceCreatorUID);
  CHECK_FALSE(is_own());
}

TEST_CASE("Objects of a film without UIDs share a study") {
  const test::TempDir temp;
  DicomOrigin origin = some_origin();
  origin.source.study_uid = origin.source.series_uid = origin.source.sop_uid = "";
  origin.source.sop_class = "";
  write_dicom_seg(temp / "seg.dcm", some_masks(), origin);
  write_dicom_sr(temp / "sr.dcm", some_values(), origin);
  write_dicom_sc(temp / "sc.dcm", cv::Mat(8, 9, CV_8UC3, cv::Scalar(1, 2, 3)), origin);
  const std::string study = value_of(temp / "seg.dcm", DCM_StudyInstanceUID);
  CHECK(study.starts_with("2.25."));
  CHECK(value_of(temp / "sr.dcm", DCM_StudyInstanceUID) == study);
  CHECK(value_of(temp / "sc.dcm", DCM_StudyInstanceUID) == study);
  origin.run = "of another film";
  write_dicom_seg(temp / "seg.dcm", some_masks(), origin);
  CHECK(value_of(temp / "seg.dcm", DCM_StudyInstanceUID) != study);
}

TEST_CASE("The same run gives the same objects, another run different ones") {
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

TEST_CASE("A de-identified object contains nothing of the patient") {
  const test::TempDir temp;
  DicomOrigin origin = some_origin();
  origin.source = without_identifiers(origin.source, PseudonymKey("a secret of some length"), "s");
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
