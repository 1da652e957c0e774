#include "spine/batch/inputs.h"

#include <fstream>

#include "support/catch.h"
#include "support/temp_dir.h"
#include <opencv2/core.hpp>

#include "spine/core/error.h"
#include "spine/io/image_io.h"

using namespace spine;
using namespace spine::batch;

namespace fs = std::filesystem;

namespace {

void put_film(const fs::path& file) {
  fs::create_directories(file.parent_path());
  write_image(file, cv::Mat(8, 8, CV_8UC1, cv::Scalar(7)));
}

InputOptions films_in(const fs::path& folder) {
  InputOptions options;
  options.inputs = {folder};
  options.recursive = true;
  return options;
}

std::vector<std::string> ids(const std::vector<Study>& studies) {
  std::vector<std::string> names;
  for (const auto& study : studies) names.push_back(study.id);
  return names;
}

}  // namespace

TEST_CASE("Shards are parsed as I/N with 1 <= I <= N") {
  CHECK(Shard::parse("2/5") == Shard{2, 5});
  for (const char* text : {"", "1", "0/2", "3/2", "1/0", "-1/2", "1/2x", "a/b", "1/"}) {
    INFO(text);
    CHECK_THROWS_AS(Shard::parse(text), Error);
  }
}

TEST_CASE("Shards partition the studies") {
  const test::TempDir temp;
  for (const char* name : {"a.png", "b.png", "c.png", "d.png", "e.png"}) put_film(temp / name);
  InputOptions options = films_in(temp.path());
  options.shard = {1, 2};
  CHECK(ids(collect_studies(options).studies) == std::vector<std::string>{"a", "c", "e"});
  options.shard = {2, 2};
  CHECK(ids(collect_studies(options).studies) == std::vector<std::string>{"b", "d"});
}

TEST_CASE("Results inside an input folder are not inputs") {
  const test::TempDir temp;
  put_film(temp / "a.png");
  put_film(temp / "out" / "a" / "cropped.png");
  InputOptions options = films_in(temp.path());
  options.output = temp / "out";
  CHECK(ids(collect_studies(options).studies) == std::vector<std::string>{"a"});
  // Unless named explicitly.
  options.inputs = {temp / "out" / "a"};
  CHECK(ids(collect_studies(options).studies) == std::vector<std::string>{"cropped"});
  // Nor are films that a manifest names.
  std::ofstream(temp / "out" / "list.csv") << "study_id,path\ncase_1,a/cropped.png\n";
  options.inputs = {};
  options.manifest = temp / "out" / "list.csv";
  CHECK(ids(collect_studies(options).studies) == std::vector<std::string>{"case_1"});
}

TEST_CASE("A damaged film in a folder is a study, other files are skipped") {
  const test::TempDir temp;
  put_film(temp / "a.png");
  std::ofstream(temp / "empty.PNG");
  std::ofstream(temp / "text.dcm") << "text";
  std::ofstream(temp / "notes.txt") << "text";
  std::ofstream(temp / ".hidden.png");
  InputOptions options = films_in(temp.path());
  options.keep_identifiers = true;
  const StudyList list = collect_studies(options);
  CHECK(ids(list.studies) == std::vector<std::string>{"a", "empty", "text"});
  REQUIRE(list.skipped.size() == 2);
  CHECK(list.skipped[0].file == (temp / ".hidden.png").string());
  CHECK(list.skipped[1].file == (temp / "notes.txt").string());
  CHECK(list.skipped[1].reason == "neither image nor DICOM");
}

TEST_CASE("An empty folder is a failed study, or an error as the only input") {
  const test::TempDir temp;
  put_film(temp / "a.png");
  fs::create_directory(temp / "empty");
  InputOptions options;
  options.inputs = {temp / "a.png", temp / "empty"};
  const auto studies = collect_studies(options).studies;
  REQUIRE(studies.size() == 2);
  CHECK(studies[1].id == "INPUT");  // its name may identify a patient
  CHECK(studies[1].error_kind == ErrorKind::not_found);
  CHECK(studies[1].error ==
        "input: INPUT: expected at least one film (PNG, JPEG, TIFF or DICOM), found none");
  options.inputs = {temp / "empty"};
  CHECK_THROWS_AS(collect_studies(options), Error);
}

TEST_CASE("A missing file is a failed study, or an error as the only input") {
  const test::TempDir temp;
  put_film(temp / "a.png");
  InputOptions options;
  options.inputs = {temp / "a.png", temp / "missing.png"};
  const auto studies = collect_studies(options).studies;
  REQUIRE(studies.size() == 2);
  CHECK(studies[0].error.empty());
  CHECK(studies[1].id == "missing");
  CHECK_FALSE(studies[1].error.empty());
  options.inputs = {temp / "missing.png"};
  CHECK_THROWS_AS(collect_studies(options), Error);
}

TEST_CASE("No input is a usage error, no study is not found") {
  const auto kind_of = [](const InputOptions& options) {
    try {
      collect_studies(options);
    } catch (const Error& error) {
      return error.kind();
    }
    return ErrorKind::internal;
  };
  const test::TempDir temp;
  CHECK(kind_of({}) == ErrorKind::usage);
  CHECK(kind_of(films_in(temp.path())) == ErrorKind::not_found);
}

TEST_CASE("The command line takes precedence over the manifest") {
  const test::TempDir temp;
  put_film(temp / "a.png");
  std::ofstream(temp / "studies.csv") << "study_id,path,spacing_mm,anterior\nx,a.png,0.2,left\n";
  InputOptions options;
  options.manifest = temp / "studies.csv";
  auto studies = collect_studies(options).studies;
  REQUIRE(studies.size() == 1);
  CHECK(studies[0].id == "x");
  CHECK(studies[0].spacing == Spacing{0.2, 0.2});
  CHECK(studies[0].anterior == Side::left);
  options.spacing = Spacing{0.3, 0.3};
  options.anterior = Side::right;
  studies = collect_studies(options).studies;
  CHECK(studies[0].spacing == options.spacing);
  CHECK(studies[0].anterior == Side::right);
}

TEST_CASE("A duplicate or invalid id is an error of its study") {
  const test::TempDir temp;
  put_film(temp / "a.png");
  put_film(temp / "b.png");
  std::ofstream(temp / "studies.csv") << "study_id,path\na,b.png\n..,b.png\n";
  InputOptions options;
  options.manifest = temp / "studies.csv";
  options.inputs = {temp / "a.png"};
  const auto studies = collect_studies(options).studies;
  REQUIRE(studies.size() == 3);
  CHECK(studies[0].error.empty());
  CHECK_FALSE(studies[1].error.empty());
  CHECK_FALSE(studies[2].error.empty());
  CHECK(ids(studies) == std::vector<std::string>{"a", "film", "a__2"});
}

TEST_CASE("File names of a run are not valid ids") {
  const test::TempDir temp;
  const std::vector<std::string> names{"measurements.csv", "measurements_long.csv", "run.json",
                                       "measurements.shard-1-of-2.csv", "run.shard-1-of-2.json"};
  put_film(temp / "a.png");
  std::ofstream manifest(temp / "studies.csv");
  manifest << "study_id,path\n";
  for (const auto& name : names) manifest << name << ",a.png\n";
  manifest << "runner.csv,a.png\n" << std::flush;
  InputOptions options;
  options.manifest = temp / "studies.csv";
  const auto studies = collect_studies(options).studies;
  REQUIRE(studies.size() == names.size() + 1);
  for (std::size_t i = 0; i < names.size(); ++i) {
    INFO(names[i]);
    CHECK(studies[i].id == names[i]);
    CHECK(studies[i].error.find("can name a folder") != std::string::npos);
  }
  CHECK(studies.back().error.empty());
}

TEST_CASE("A failed row gives up its id to a valid study") {
  const test::TempDir temp;
  put_film(temp / "x" / "a.png");
  std::ofstream(temp / "studies.csv") << "study_id,path\na,missing.png\n";
  InputOptions options;
  options.manifest = temp / "studies.csv";
  options.inputs = {temp / "x"};
  const auto studies = collect_studies(options).studies;
  CHECK(ids(studies) == std::vector<std::string>{"a__2", "a"});
  CHECK(studies[0].error_kind == ErrorKind::not_found);
  CHECK(studies[1].error.empty());
}
