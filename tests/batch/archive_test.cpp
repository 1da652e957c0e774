#include "spine/batch/archive.h"

#include <fstream>

#include "support/catch.h"
#include "support/temp_dir.h"
#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>
#include <opencv2/core.hpp>

#include "spine/batch/inputs.h"
#include "spine/io/dicom/dicom_objects.h"
#include "spine/io/dicom/dicom_runtime.h"
#include "spine/io/image_io.h"

using namespace spine;
using namespace spine::batch;

namespace fs = std::filesystem;

namespace {

struct Film {
  std::string study = "1.2", instance = "1.2.3";
  std::string modality = "DX", view = "LL";
  const char* sop_class = UID_DigitalXRayImageStorageForPresentation;
};

void put_dicom(const fs::path& file, const Film& film) {
  prepare_dicom_libraries();
  fs::create_directories(file.parent_path());
  DcmFileFormat format;
  DcmDataset& d = *format.getDataset();
  d.putAndInsertString(DCM_SOPClassUID, film.sop_class);
  d.putAndInsertString(DCM_SOPInstanceUID, film.instance.c_str());
  d.putAndInsertString(DCM_StudyInstanceUID, film.study.c_str());
  d.putAndInsertString(DCM_Modality, film.modality.c_str());
  d.putAndInsertString(DCM_ViewPosition, film.view.c_str());
  d.putAndInsertString(DCM_PatientName, "DOE^JANE");
  d.putAndInsertUint16(DCM_Rows, 8);
  d.putAndInsertUint16(DCM_Columns, 8);
  REQUIRE(format.saveFile(file.c_str(), EXS_LittleEndianExplicit).good());
}

InputOptions archive_at(const test::TempDir& dir) {
  InputOptions options;
  options.inputs = {dir / "archive"};
  options.recursive = true;
  options.pseudonym_key = dir / "study.key";
  return options;
}

const Study& study_with(const std::vector<Study>& studies, const fs::path& path) {
  for (const auto& study : studies) {
    if (study.path == path) return study;
  }
  FAIL("no study of " << path);
  return studies.front();
}

}  // namespace

TEST_CASE("DICOM files are displayed by pseudonyms only") {
  const test::TempDir dir;
  const fs::path a = dir / "archive" / "DOE JANE" / "1950.dcm", b = dir / "archive" / "IM1";
  put_dicom(a, {"1.2", "1.2.3"});
  put_dicom(b, {"1.2", "1.2.4"});
  std::ofstream(dir / "archive" / "DOE.dcm") << "no DICOM at all";
  std::ofstream(dir / "archive" / "DOE.txt") << "no picture at all";
  const StudyList list = collect_studies(archive_at(dir));
  REQUIRE(list.studies.size() == 3);
  REQUIRE(list.key);
  for (const auto& study : list.studies) {
    CHECK(study.id == study.shown);
    CHECK(study.id.find_first_not_of("0123456789abcdef-") == std::string::npos);
  }
  CHECK(study_with(list.studies, a).id.substr(0, 12) ==
        study_with(list.studies, b).id.substr(0, 12));
  REQUIRE(list.skipped.size() == 1);
  CHECK(list.skipped[0].file.find("DOE") == std::string::npos);
}

TEST_CASE("Identifiers are kept on request without creating a key") {
  const test::TempDir dir;
  const fs::path a = dir / "archive" / "DOE JANE" / "1950.dcm";
  put_dicom(a, {});
  InputOptions options = archive_at(dir);
  options.keep_identifiers = true;
  const StudyList list = collect_studies(options);
  CHECK(list.studies[0].id == "1950");
  CHECK(list.studies[0].shown == a.string());
  CHECK_FALSE(list.key);
  CHECK_FALSE(fs::exists(dir / "study.key"));
}

TEST_CASE("Films other than DICOM keep their file names without folders and need no key") {
  const test::TempDir dir;
  fs::create_directories(dir / "archive" / "deep");
  write_image(dir / "archive" / "deep" / "a.png", cv::Mat(8, 8, CV_8UC1, cv::Scalar(7)));
  const StudyList list = collect_studies(archive_at(dir));
  CHECK(list.studies[0].id == "a");
  CHECK(list.studies[0].shown == "a.png");
  CHECK_FALSE(fs::exists(dir / "study.key"));
}

TEST_CASE("Films of the same name get a part of the pseudonyms of their places, not folder names") {
  const test::TempDir dir;
  const cv::Mat film(8, 8, CV_8UC1, cv::Scalar(7));
  for (const char* folder : {"DOE JOHN", "ROE JANE"}) {
    fs::create_directories(dir / "archive" / folder);
    write_image(dir / "archive" / folder / "1.png", film);
  }
  write_image(dir / "archive" / "ROE JANE" / "2.png", film);
  const StudyList list = collect_studies(archive_at(dir));
  REQUIRE(list.key);
  CHECK_FALSE(fs::exists(dir / "study.key"));
  list.key->keep();
  const auto& first = list.studies;
  REQUIRE(first.size() == 3);
  for (const int i : {0, 1}) {
    CHECK(first[i].id.size() == std::string("1__01234567").size());
    CHECK(first[i].id.starts_with("1__"));
    CHECK(first[i].shown == "1.png");
  }
  CHECK(first[0].id != first[1].id);
  CHECK(first[2].id == "2");
  // Also for more than two.
  fs::create_directories(dir / "archive" / "ABEL");
  write_image(dir / "archive" / "ABEL" / "1.png", film);
  const auto second = collect_studies(archive_at(dir)).studies;
  REQUIRE(second.size() == 4);
  CHECK(second[1].id == first[0].id);
  CHECK(second[2].id == first[1].id);
}

TEST_CASE("Skipped files are reported by number and common extension only") {
  const test::TempDir dir;
  fs::create_directories(dir / "archive");
  write_image(dir / "archive" / "a.png", cv::Mat(8, 8, CV_8UC1, cv::Scalar(7)));
  for (const char* name : {"DOE.hl7", "JOHN.DOE", "ROE"})
    std::ofstream(dir / "archive" / name) << "x";
  std::vector<std::string> names;
  for (const auto& skipped : collect_studies(archive_at(dir)).skipped) {
    names.push_back(skipped.file);
  }
  CHECK(names == std::vector<std::string>{"file 1 (.hl7)", "file 2", "file 3"});
}

TEST_CASE("Ids of a manifest name its films") {
  const test::TempDir dir;
  put_dicom(dir / "DOE.dcm", {});
  std::ofstream(dir / "studies.csv") << "study_id,path\nx1,DOE.dcm\nx2,JANE.dcm\n";
  InputOptions options;
  options.manifest = dir / "studies.csv";
  options.pseudonym_key = dir / "study.key";
  const auto studies = collect_studies(options).studies;
  REQUIRE(studies.size() == 2);
  CHECK(studies[0].shown == "x1");
  CHECK(studies[1].shown == "x2");
  CHECK(studies[1].error.find("JANE") == std::string::npos);
}

TEST_CASE("Files other than lateral films are excluded in folders but accepted when named") {
  const test::TempDir dir;
  const fs::path lateral = dir / "archive" / "a", frontal = dir / "archive" / "b",
                 ct = dir / "archive" / "c";
  put_dicom(lateral, {"1.2", "1.2.3"});
  put_dicom(frontal, {"1.2", "1.2.4", "DX", "AP"});
  put_dicom(ct, {"1.2", "1.2.5", "CT", "", UID_CTImageStorage});
  InputOptions options = archive_at(dir);
  auto studies = collect_studies(options).studies;
  CHECK(study_with(studies, lateral).error.empty());
  CHECK(study_with(studies, frontal).error == "excluded: view AP");
  CHECK(study_with(studies, frontal).error_kind == ErrorKind::excluded);
  CHECK(study_with(studies, ct).error_kind == ErrorKind::excluded);
  options.inputs = {frontal, ct};
  for (const auto& study : collect_studies(options).studies) CHECK(study.error.empty());
  options = archive_at(dir);
  options.selection.by_tags = false;
  CHECK(study_with(collect_studies(options).studies, frontal).error.empty());
}

TEST_CASE("Results of an earlier run below the input are excluded") {
  const test::TempDir dir;
  const fs::path lateral = dir / "archive" / "a", capture = dir / "archive" / "elsewhere" / "b";
  put_dicom(lateral, {"1.2", "1.2.3"});
  fs::create_directories(capture.parent_path());
  DicomOrigin origin{read_dicom_source(lateral), "0.0.1", "another run"};
  write_dicom_sc(capture, cv::Mat(8, 9, CV_8UC3, cv::Scalar(1, 2, 3)), origin);
  InputOptions options = archive_at(dir);
  options.recursive = true;
  for (const bool by_tags : {true, false}) {
    options.selection.by_tags = by_tags;
    const auto studies = collect_studies(options).studies;
    CHECK(study_with(studies, lateral).error.empty());
    CHECK(study_with(studies, capture).error == "excluded: a result of this toolkit, not a film");
    CHECK(study_with(studies, capture).error_kind == ErrorKind::excluded);
  }
  options.inputs = {capture};
  CHECK(collect_studies(options).studies.front().error.empty());
}

TEST_CASE("Of several files with the same SOP Instance UID the first is kept") {
  const test::TempDir dir;
  const fs::path first = dir / "archive" / "a", second = dir / "archive" / "b";
  put_dicom(first, {});
  put_dicom(second, {});
  const auto studies = collect_studies(archive_at(dir)).studies;
  CHECK(study_with(studies, first).error.empty());
  CHECK(study_with(studies, second).error_kind == ErrorKind::excluded);
  CHECK(study_with(studies, second).error.find(study_with(studies, first).id) != std::string::npos);
  CHECK(study_with(studies, second).id == study_with(studies, first).id + "__2");
}

TEST_CASE("The place of a file is its path below the nearest input") {
  CHECK(place_below("/a/b/c.dcm", {"/a"}) == "b/c.dcm");
  CHECK(place_below("/a/b/c.dcm", {"/x", "/a/b/c.dcm"}) == "c.dcm");
}
