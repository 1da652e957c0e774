#include "spine/train/cohort.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <set>

#include "review/readings.h"
#include "review/results_folder.h"
#include "support/as_nobody.h"
#include "support/catch.h"
#include "support/pictures.h"
#include "support/synthetic_spine.h"
#include "support/tagged.h"
#include "support/temp_dir.h"
#include <nlohmann/json.hpp>
#include <opencv2/imgproc.hpp>

#include "spine/core/error.h"
#include "spine/io/dicom/dicom_io.h"
#include "spine/io/image_io.h"
#include "spine/io/landmarks_io.h"
#include "spine/io/mask_io.h"
#include "spine/review/export.h"
#include "spine/stages/locate/locate.h"
#include "spine/util/atomic_file.h"
#include "spine/util/sha256.h"

using namespace spine;
using namespace spine::train;
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

std::string film_name(int i) { return std::string("f").append(std::to_string(i)); }

void write_film(const fs::path& file, cv::Size size = {80, 100}) {
  cv::Mat film(size, CV_8UC1);
  for (int y = 0; y < size.height; ++y) film.row(y).setTo(50 + y % 150);
  write_image(file, film);
}

/// A film and Labelme's JSON beside it: a body and both heads, the anterior side left or
/// right.
void write_labelme(const fs::path& folder, const std::string& name,
                   const std::string& label = "L5") {
  fs::create_directories(folder);
  write_film(folder / (name + ".png"));
  const json content = {
      {"imagePath", name + ".png"},
      {"imageHeight", 100},
      {"imageWidth", 80},
      {"shapes",
       {{{"label", label}, {"shape_type", "polygon"}, {"points", {{20, 20}, {50, 20}, {50, 40}}}},
        {{"label", "F"}, {"shape_type", "circle"}, {"points", {{20, 80}, {20, 88}}}}}}};
  std::ofstream(folder / (name + ".json")) << content;
}

CohortOptions options_for(const test::TempDir& folder) {
  CohortOptions options;
  options.inputs = {folder / "in"};
  options.output = folder / "out";
  return options;
}

}  // namespace

TEST_CASE("A cohort is built from films with Labelme labels or masks") {
  const test::TempDir folder;
  for (int i = 0; i < 6; ++i) write_labelme(folder / "in", film_name(i));
  fs::create_directories(folder / "in" / "masked");
  write_film(folder / "in" / "masked" / "film.png");
  MaskStack masks(cv::Size(80, 100));
  masks.set(Structure::L3, cv::Mat(100, 80, CV_8UC1, cv::Scalar(255)));
  write_masks(folder / "in" / "masked" / "masks.tif", masks);
  std::ofstream(folder / "in" / "other.json") << "{\"a\": 1}";

  const auto studies = build_cohort(options_for(folder));
  REQUIRE(studies.size() == 7);
  std::map<std::string, int> films;
  for (const auto& study : studies) {
    CHECK(study.error.empty());
    ++films[study.split];
    const fs::path at = folder.path() / "out" / study.split / study.study;
    CHECK(read_film(at / "film.png").size() == cv::Size(80, 100));
    CHECK(read_masks(at / "masks.tif").size() == cv::Size(80, 100));
    CHECK(read_landmarks(at / "landmarks.json").size == cv::Size(80, 100));
    CHECK(study.structures == (study.study == "masked" ? 1 : 2));
  }
  CHECK(films["train"] == 5);
  CHECK(films["validation"] == 1);
  CHECK(films["test"] == 1);
  CHECK(fs::exists(folder / "out/cohort.csv"));
  CHECK(fs::exists(folder / "out/test.csv"));
  CHECK_THROWS_AS(build_cohort(options_for(folder)), Error);
  auto again = options_for(folder);
  again.force = true;
  CHECK(build_cohort(again)[3].split == studies[3].split);
}

TEST_CASE("No patient is in two splits") {
  const test::TempDir folder;
  std::ofstream table(folder / "p.csv");
  table << "study,patient\n";
  for (int i = 0; i < 24; ++i) {
    const std::string name = film_name(i);
    write_labelme(folder / "in", name);
    if (i < 23) table << name << ",p" << i / 3 << "\n";
  }
  table.close();
  auto options = options_for(folder);
  options.patients = folder / "p.csv";
  options.shares = {0.5, 0.25, 0.25};
  std::map<std::string, std::set<std::string>> splits;
  int excluded = 0;
  for (const auto& study : build_cohort(options)) {
    if (study.error.empty()) {
      splits[study.patient].insert(study.split);
    } else {
      ++excluded;
      CHECK(study.study == "f23");
      CHECK(study.error == "not in --patients");
    }
  }
  CHECK(excluded == 1);
  REQUIRE(splits.size() == 8);
  std::map<std::string, int> patients;
  for (const auto& [patient, in] : splits) {
    CHECK(in.size() == 1);
    ++patients[*in.begin()];
  }
  CHECK(patients["train"] == 4);
  CHECK(patients["validation"] == 2);
}

TEST_CASE("Unusable labels are rows with their reason") {
  const test::TempDir folder;
  write_labelme(folder / "in", "good");
  write_labelme(folder / "in", "unknown", "L9");
  write_labelme(folder / "in", "small");
  write_film(folder / "in" / "small.png", {70, 100});
  write_labelme(folder / "in", "alone");
  fs::remove(folder / "in" / "alone.png");
  std::map<std::string, std::string> errors;
  for (const auto& study : build_cohort(options_for(folder))) errors[study.study] = study.error;
  CHECK(errors.at("good").empty());
  CHECK(errors.at("unknown").find("unknown class \"L9\"") != std::string::npos);
  CHECK(errors.at("small").find("80 x 100 pixels, the film of 70 x 100") != std::string::npos);
  CHECK(errors.at("alone").find("expected the film alone.png") != std::string::npos);
}

TEST_CASE("Colliding names are distinguished by their folders") {
  const test::TempDir folder;
  write_labelme(folder / "in" / "a", "film1");
  write_labelme(folder / "in" / "b", "film1");
  const auto studies = build_cohort(options_for(folder));
  REQUIRE(studies.size() == 2);
  CHECK(studies[0].study == "a__film1");
  CHECK(studies[1].study == "b__film1");
}

TEST_CASE("Colliding names are distinguished by their inputs and keep dots") {
  const test::TempDir folder;
  MaskStack masks(cv::Size(80, 100));
  masks.set(Structure::L3, cv::Mat(100, 80, CV_8UC1, cv::Scalar(255)));
  for (const char* name : {"siteA/1.2.1", "siteA/1.2.2", "siteB/1.2.1"}) {
    fs::create_directories(folder / name);
    write_film(folder / name / "film.png");
    write_masks(folder / name / "masks.tif", masks);
  }
  auto options = options_for(folder);
  options.inputs = {folder / "siteA", folder / "siteB"};
  std::set<std::string> names;
  for (const auto& study : build_cohort(options)) {
    CHECK(study.error.empty());
    names.insert(study.study);
  }
  CHECK(names == std::set<std::string>{"1.2.2", "siteA__1.2.1", "siteB__1.2.1"});
}

TEST_CASE("A film labelled by two raters belongs to one patient") {
  const test::TempDir folder;
  for (int i = 0; i < 8; ++i) {
    const std::string film = film_name(i);
    write_labelme(folder / "in", film);
    fs::rename(folder / "in" / (film + ".json"), folder / "in" / (film + "_A.json"));
    fs::copy_file(folder / "in" / (film + "_A.json"), folder / "in" / (film + "_B.json"));
  }
  std::map<std::string, std::set<std::string>> splits;
  for (const auto& study : build_cohort(options_for(folder))) {
    splits[study.study.substr(0, 2)].insert(study.split);
  }
  REQUIRE(splits.size() == 8);
  for (const auto& [film, in] : splits) CHECK(in.size() == 1);

  // A table assigning both to different patients is rejected.
  std::ofstream(folder / "p.csv") << "study,patient\nf0_A,p\nf0_B,q\nf1_A,\nf2_A,r\n";
  auto options = options_for(folder);
  options.patients = folder / "p.csv";
  options.force = true;
  std::map<std::string, std::string> errors;
  for (const auto& study : build_cohort(options)) errors[study.study] = study.error;
  CHECK(errors.at("f0_A").empty());
  CHECK(errors.at("f0_B") == "its film is also one of patient p");
  CHECK(errors.at("f1_A") == "no patient in --patients");
  CHECK(errors.at("f2_A").empty());
  std::ofstream(folder / "p.csv") << "study,patient\nf0_A,p\nf0_A,q\n";
  CHECK_THROWS_AS(build_cohort(options), Error);
}

TEST_CASE("Remainders of an interrupted cohort are neither kept nor used as labels") {
  const test::TempDir folder;
  for (int i = 0; i < 3; ++i) write_labelme(folder / "in", film_name(i));
  auto options = options_for(folder);
  options.output = folder / "in" / "cohort";
  CHECK(build_cohort(options).size() == 3);
  fs::remove(options.output / "cohort.csv");
  CHECK_THROWS_AS(build_cohort(options), Error);
  options.force = true;
  CHECK(build_cohort(options).size() == 3);
}

TEST_CASE("F1 becomes the more anterior head") {
  const test::TempDir folder;
  const MaskStack truth = test::true_masks(test::random_spine(3));
  fs::create_directories(folder / "in" / "s");
  MaskStack masks = truth;
  masks.set(Structure::F1, truth[Structure::F2].clone());
  masks.set(Structure::F2, truth[Structure::F1].clone());
  write_film(folder / "in" / "s" / "film.png", masks.size());
  write_masks(folder / "in" / "s" / "masks.tif", masks);
  const auto study = build_cohort(options_for(folder)).front();
  REQUIRE(study.error.empty());
  const MaskStack ordered = read_masks(folder.path() / "out" / study.split / "s" / "masks.tif");
  CHECK(cv::countNonZero(ordered[Structure::F1] != truth[Structure::F1]) == 0);
}

TEST_CASE("Invalid options are rejected") {
  const test::TempDir folder;
  fs::create_directories(folder / "in");
  CHECK_THROWS_AS(build_cohort(options_for(folder)), Error);  // empty
  auto options = options_for(folder);
  options.shares = {0.5, 0.5, 0.5};
  CHECK_THROWS_AS(build_cohort(options), Error);
  options = options_for(folder);
  options.inputs = {folder / "nowhere"};
  CHECK_THROWS_AS(build_cohort(options), Error);
}

TEST_CASE("Unreadable folders and files are rows with their reason") {
  const test::TempDir folder;
  write_labelme(folder / "in/good", "a");
  write_labelme(folder / "in/closed", "b");
  write_labelme(folder / "in/secret", "c");
  fs::create_symlink("circle", folder / "in/circle");
  fs::create_symlink("circle.json", folder / "in/circle.json");
  fs::create_directory_symlink("..", folder / "in/good/up");
  fs::create_directories(folder / "out");
  for (const char* open : {"", "out"}) {
    fs::permissions(folder.path() / open, fs::perms::all);
  }
  fs::permissions(folder / "in/closed", fs::perms::none);
  fs::permissions(folder / "in/secret/c.json", fs::perms::none);
  std::vector<CohortStudy> studies;
  {
    const test::AsNobody nobody;
    studies = build_cohort(options_for(folder));
  }
  fs::permissions(folder / "in/closed", fs::perms::owner_all);
  std::map<std::string, std::string> errors;
  for (const auto& study : studies) errors[study.study] = study.error;
  REQUIRE(errors.size() == 4);
  CHECK(errors.at("a").empty());
  CHECK(errors.at("closed").find("expected a folder that can be read") != std::string::npos);
  CHECK(errors.at("closed").find("ermission denied") != std::string::npos);
  CHECK(errors.at("c").find("ermission denied") != std::string::npos);
  CHECK_FALSE(errors.at("circle").empty());
}

TEST_CASE("Landmarks of a cohort respect the pixel shape of the film") {
  const test::TempDir folder;
  test::SyntheticSpine spine = test::random_spine(3);
  spine.px_per_mm_x = 2;
  spine.px_per_mm_y = 1;
  spine.film = {550, 375};
  spine.hip_px = {225, 312};
  const fs::path study = folder / "in/a";
  fs::create_directories(study);
  const MaskStack masks = test::true_masks(spine);
  write_masks(study / "masks.tif", masks);
  DicomWriteOptions options;
  options.calibrated_spacing = Spacing{1, 0.5};
  write_dicom(study / "film.dcm", masks[Structure::L3] / 2 + 90, options);
  auto cohort = options_for(folder);
  cohort.shares = {1, 0, 0};
  CHECK(build_cohort(cohort).at(0).error == "");
  LocateOptions locating;
  locating.spacing = Spacing{1, 0.5};
  const Landmarks expected = locate(masks, locating).landmarks;
  const Landmarks written = read_landmarks(folder / "out/train/a/landmarks.json");
  REQUIRE(written.femoral_heads.size() == expected.femoral_heads.size());
  REQUIRE(written.s1);
  CHECK(cv::norm(written.s1->ant - expected.s1->ant) < 0.01);
  CHECK(cv::norm(written.s1->ant - locate(masks).landmarks.s1->ant) > 0.01);
}

namespace {

/// A JPEG film of 80 x 100 pixels upright, stored with an EXIF orientation, and labels drawn on a
/// picture of some size.
void write_inverted(const fs::path& folder, std::uint32_t orientation, cv::Size labels,
                    const json& shapes) {
  fs::create_directories(folder);
  cv::Mat film(100, 80, CV_8UC1);
  for (int y = 0; y < film.rows; ++y) film.row(y).setTo(50 + y);
  const cv::Mat stored = as_stored(film, static_cast<Orientation>(orientation));
  spine::write_file_atomically(folder / "f.jpg",
                               spine::test::with_exif(spine::test::encoded(".jpg", stored),
                                                      {orientation, true, false, 0, 0}));
  const json content = {{"imagePath", "f.jpg"},
                        {"imageHeight", labels.height},
                        {"imageWidth", labels.width},
                        {"shapes", shapes}};
  std::ofstream(folder / "f.json") << content;
}

json box(double left, double top, double right, double bottom) {
  return {
      {{"label", "L5"}, {"shape_type", "rectangle"}, {"points", {{left, top}, {right, bottom}}}}};
}

}  // namespace

TEST_CASE("Labels match the displayed film for any EXIF orientation") {
  const cv::Rect upright_box(10, 20, 30, 15);  // of a film of 80 x 100
  for (std::uint32_t o = 1; o <= 8; ++o) {
    INFO("orientation " << o);
    cv::Mat mask = cv::Mat::zeros(100, 80, CV_8UC1);
    mask(upright_box).setTo(255);
    const cv::Mat stored = as_stored(mask, static_cast<Orientation>(o));
    const cv::Rect b = cv::boundingRect(stored);
    // By a tool that shows the film upright, and by one that ignores EXIF.
    for (const bool ignores : {false, true}) {
      if (ignores && o < 5) continue;  // ambiguous by size
      const test::TempDir folder;
      if (ignores) {
        write_inverted(folder / "in", o, stored.size(), box(b.x, b.y, b.br().x, b.br().y));
      } else {
        write_inverted(folder / "in", o, {80, 100}, box(10, 20, 40, 35));
      }
      const auto studies = build_cohort(options_for(folder));
      REQUIRE(studies.size() == 1);
      REQUIRE(studies[0].error == "");
      const fs::path at = folder.path() / "out" / studies[0].split / studies[0].study;
      CHECK(read_film(at / "film.jpg").size() == cv::Size(80, 100));
      CHECK(cv::boundingRect(read_masks(at / "masks.tif")[Structure::L5]) == upright_box);
    }
  }
}

TEST_CASE("Labels that fit a film neither upright nor as stored are rejected") {
  for (const auto& [o, size] : std::vector<std::pair<std::uint32_t, cv::Size>>{
           {3, {100, 80}}, {6, {90, 100}}, {1, {100, 80}}}) {
    const test::TempDir folder;
    write_inverted(folder / "in", o, size, box(10, 20, 40, 35));
    const auto studies = build_cohort(options_for(folder));
    REQUIRE(studies.size() == 1);
    CHECK(studies[0].error.find("pixels, the film of 80 x 100") != std::string::npos);
  }
}

TEST_CASE("Studies that a reader approved or corrected join a cohort with the reader's landmarks") {
  const test::TempDir folder;
  write_labelme(folder / "in", "labelled");
  const auto results = folder / "results", films = folder / "films";
  fs::create_directories(films);
  test::write_results(results, 3);
  for (unsigned i = 0; i < 3; ++i) {
    const auto spine = test::random_spine(20 + i);
    const std::string id = "s" + std::to_string(i);
    const fs::path film = films / ("film_" + id + ".png");
    write_film(film, spine.film);
    test::write_study(results / id, true_landmarks(spine), true_spacing(spine), {},
                      sha256_of_file(film));
    write_masks(results / id / "masks.tif", true_masks(spine));
  }
  test::act(results / "s0", test::verdict(review::Action::approve));
  test::act(results / "s1", test::move_s1(results / "s1"), "CD");
  test::act(results / "s2", test::verdict(review::Action::reject, "blurred"));
  review::export_reviewed(review::Cohort(results), folder / "r.csv", [](const std::string&) {});

  auto options = options_for(folder);
  options.reviewed = {results};
  options.films = {films};
  const auto studies = build_cohort(options);
  REQUIRE(studies.size() == 4);
  CHECK(studies[0].study == "labelled");
  CHECK(studies[0].reader == "");
  CHECK(studies[1].error == "");
  CHECK(studies[1].reader == "AB");
  CHECK(studies[2].error == "");
  CHECK(studies[2].reader == "CD");
  CHECK(studies[2].revision == review::ReviewFile::read(results / "s1", "s1").revision());
  CHECK(studies[3].error.find("rejected") != std::string::npos);
  const fs::path at = folder / "out" / studies[2].split / "s1";
  const auto corrected = read_landmarks(results / "s1" / "landmarks_reviewed.json");
  CHECK(to_json(read_landmarks(at / "landmarks.json")) == to_json(corrected));
  CHECK(read_film(at / "film.png").size() == corrected.size);
  CHECK(studies[2].structures == 8);
  const std::string table = read_file(folder / "out" / "cohort.csv");
  CHECK(table.starts_with("study,patient,split,structures,error,reader,revision\n"));
  CHECK(table.find(",CD," + studies[2].revision) != std::string::npos);

  // Of results alone, and without their films.
  options.inputs.clear();
  options.films.clear();
  options.force = true;
  const auto alone = build_cohort(options);
  REQUIRE(alone.size() == 3);
  CHECK(alone[0].error.find("--films") != std::string::npos);
}
