#include "spine/io/dicom/dicom_selection.h"

#include "support/catch.h"
#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcuid.h>

using namespace spine;

namespace {

DicomHeader lateral_film() {
  DicomHeader header;
  header.sop_class = UID_DigitalXRayImageStorageForPresentation;
  header.modality = "DX";
  header.body_part = "LSPINE";
  header.view = "LL";
  header.pixels = true;
  return header;
}

std::string reason(const DicomHeader& header, const SelectionOptions& options = {}) {
  return why_excluded(header, options).value_or("");
}

}  // namespace

TEST_CASE("A lateral film is accepted, also without tags") {
  CHECK(reason(lateral_film()).empty());
  DicomHeader silent;
  silent.sop_class = UID_ComputedRadiographyImageStorage;
  silent.modality = "CR";
  silent.pixels = true;
  CHECK(reason(silent).empty());
}

TEST_CASE("Objects other than radiographs are excluded by kind") {
  DicomHeader header = lateral_film();
  header.modality = "CT";
  header.sop_class = UID_CTImageStorage;
  CHECK(reason(header) == "not a radiograph: modality CT, CTImageStorage");
  header.pixels = false;
  CHECK(reason(header) == "no image: CTImageStorage");
  header.sop_class = UID_MediaStorageDirectoryStorage;
  CHECK(reason(header) == "a DICOMDIR, which lists other files");
}

TEST_CASE("Other body parts and other views are excluded") {
  DicomHeader header = lateral_film();
  header.body_part = "hand";
  CHECK(reason(header) == "body part HAND");
  header = lateral_film();
  header.view = "AP";
  CHECK(reason(header) == "view AP");
  header.view = "";
  header.orientation = "L\\F";
  CHECK(reason(header) == "a frontal view by its orientation");
  header.orientation = "A\\F";
  CHECK(reason(header).empty());
}

TEST_CASE("Descriptions are used if codes are absent") {
  DicomHeader header = lateral_film();
  header.view = "";
  header.descriptions = {"LWS ap"};
  CHECK(reason(header) == "described as a view that is not lateral");
  header.descriptions = {"LWS ap und seitlich"};  // of the whole examination
  CHECK(reason(header).empty());
  header.body_part = "";
  header.descriptions = {"Knie seitlich"};
  CHECK(reason(header) == "described as another part of the body");
  header.descriptions = {"Knie", "LWS seitlich"};
  CHECK(reason(header).empty());
  header.descriptions = {"AP"};
  header.region_code = "Knee";
  CHECK(reason(header) == "described as another part of the body");
}

TEST_CASE(
    "The view's code takes precedence over the series, and a lateral text over a frontal one") {
  DicomHeader header = lateral_film();
  header.view = "";
  header.descriptions = {"L-spine AP/LAT"};
  header.view_code = "antero-posterior";
  CHECK(reason(header) == "described as a view that is not lateral");
  header.view_code = "left lateral";
  CHECK(reason(header).empty());
  header.descriptions = {"L-spine AP"};
  CHECK(reason(header).empty());
  header.view_code = "";
  header.descriptions = {"L-spine AP", "L-spine lateral"};
  CHECK(reason(header).empty());
  header.descriptions = {"L-spine AP", "L-spine 2 views"};
  CHECK(reason(header).empty());
  header.descriptions = {"L-spine"};
  header.orientation = "L\\F";
  CHECK(reason(header) == "a frontal view by its orientation");
  for (const char* text : {"L-spine AP/LAT", "L-spine 2 views", "L-spine lateral"}) {
    header.descriptions = {text};
    CHECK(reason(header).empty());
  }
}

TEST_CASE("Tags with several values exclude a file only if all agree") {
  DicomHeader header = lateral_film();
  header.view = "AP\\LL";
  CHECK(reason(header).empty());
  header.view = "AP\\PA";
  CHECK(reason(header) == "view AP");
  header = lateral_film();
  header.body_part = "KNEE\\LSPINE";
  CHECK(reason(header).empty());
  header.body_part = "KNEE\\LEG";
  CHECK(reason(header) == "body part KNEE");
  SelectionOptions options;
  options.body_parts = {"LSPINE"};
  header.body_part = "PELVIS\\LSPINE";
  CHECK(reason(header, options).empty());
}

TEST_CASE("Results of this toolkit are not films, even if every image is tried") {
  DicomHeader header = lateral_film();
  header.own_result = true;
  CHECK(reason(header) == "a result of this toolkit, not a film");
  SelectionOptions options;
  options.by_tags = false;
  CHECK(reason(header, options) == "a result of this toolkit, not a film");
}

TEST_CASE("Only requested values are accepted") {
  SelectionOptions options;
  options.modalities = {"CR"};
  CHECK(reason(lateral_film(), options) == "modality DX, not requested");
  options.modalities = {"CR", "DX"};
  CHECK(reason(lateral_film(), options).empty());
  options.views = {"RL"};
  CHECK(reason(lateral_film(), options) == "view LL, not requested");
  DicomHeader silent = lateral_film();
  silent.view = "";
  CHECK(reason(silent, options) == "view not given, not requested");
}

TEST_CASE("Without selection every image is tried") {
  SelectionOptions options;
  options.by_tags = false;
  DicomHeader header = lateral_film();
  header.body_part = "HAND";
  header.view = "AP";
  CHECK(reason(header, options).empty());
}

TEST_CASE("A reason quotes codes of the standard and nothing else of the file") {
  DicomHeader header = lateral_film();
  header.modality = "DOE";
  CHECK(reason(header).find("DOE") == std::string::npos);
  header = lateral_film();
  header.sop_class = "1.2.3.4711";
  header.modality = "CT";
  CHECK(reason(header).find("4711") == std::string::npos);
  SelectionOptions options;
  options.body_parts = {"LSPINE"};
  header = lateral_film();
  header.body_part = "JANE";
  CHECK(reason(header, options) == "body part a non-standard value, not requested");
}
