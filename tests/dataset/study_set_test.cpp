#include "spine/dataset/study_set.h"

#include <algorithm>
#include <utility>

#include "support/catch.h"
#include "support/pictures.h"
#include "support/temp_dir.h"
#include "support/throws.h"
#include <sys/stat.h>

#include "spine/io/dicom/dicom_io.h"
#include "spine/util/atomic_file.h"
#include "spine/util/csv.h"
#include "spine/util/utf8.h"

namespace fs = std::filesystem;
using namespace spine;
using spine::test::contains;
using spine::test::message_of;

namespace {

void put(const fs::path& file, const std::string& bytes) {
  fs::create_directories(file.parent_path());
  write_file_atomically(file, bytes);
}

void put_film(const fs::path& file) {
  put(file, test::encoded(".png", cv::Mat::zeros(4, 4, CV_8UC1)));
}

std::vector<std::string> ids(const std::vector<Study>& studies) {
  std::vector<std::string> out;
  for (const auto& s : studies) out.push_back(s.id);
  return out;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("Films in a folder are found by content, in order, without other files") {
  const test::TempDir dir;
  put_film(dir / "b.png");
  put_film(dir / "a.png");
  put_film(dir / "c");  // no extension
  for (const char* name : {"notes.txt", "table.csv", "run.json", "log"}) put(dir / name, "text");
  put_film(dir / ".hidden.png");
  put_film(dir / "overlay.png");      // written by this project
  put_film(dir / "below" / "d.png");  // only with recursive
  write_dicom(dir / "IM0001", test::toy_film());
  write_dicom(dir / "1.2.840.10008", test::toy_film());
  CHECK(ids(discover({dir.path()})) == Names{"1.2.840.10008", "IM0001", "a", "b", "c"});
  CHECK(ids(discover({dir.path()}, {true, StudyKind::films})) ==
        Names{"1.2.840.10008", "IM0001", "a", "b", "d", "c"});
}

TEST_CASE("Files with the extension of a film are studies, so that they can fail with a reason") {
  const test::TempDir dir;
  put_film(dir / "a.png");
  put(dir / "b.gif", "GIF89a");
  put(dir / "c.BMP", "BM");
  put(dir / "d.webp", "RIFF");
  put(dir / "e.jpg", "");
  put(dir / "f.dcm", "words");
  fs::create_symlink("nothing", dir / "g.png");
  fs::create_symlink("h.tif", dir / "h.tif");
  REQUIRE(::mkfifo((dir / "i.png").c_str(), 0600) == 0);
  fs::create_directory(dir / "folder.png");
  put(dir / "labels.png", "");  // written by this project
  CHECK(ids(discover({dir.path()})) == Names{"a", "b", "c", "d", "e", "f", "g", "h", "i"});
}

TEST_CASE("Files with the name of masks, and possibly corrupt landmarks, are studies") {
  const test::TempDir dir;
  put(dir / "zero.tif", "");
  put(dir / "words.png", "words");
  put(dir / "broken.json", "{\"schema\":\"spine-landm");
  put(dir / "run.json", "{\"schema\":\"spine-run/2\"}");
  put(dir / "notes.txt", "text");
  fs::create_directory(dir / "s");
  fs::create_symlink("nothing", dir / "s" / "masks.tif");
  CHECK(ids(discover({dir.path()}, {false, StudyKind::masks})) ==
        Names{"broken", "s", "words", "zero"});
}

TEST_CASE("A study is named by its stem; UIDs and folder names are kept whole") {
  const test::TempDir dir;
  const std::vector<std::pair<std::string, std::string>> names{
      {"a.gif", "a"}, {"b.webp", "b"},
      {"c.txt", "c"}, {"d.v2.PNG", "d.v2"},
      {"e.jp2", "e"}, {"f. smith", "f. smith"},
      {"g.1", "g.1"}, {"1.2.840.113619.2.5", "1.2.840.113619.2.5"},
      {"h", "h"}};
  for (const auto& [file, id] : names) {
    put(dir / file, "words");
    CHECK(ids(discover({dir / file})) == Names{id});
  }
  put(dir / "film.png" / "masks.tif", "");
  CHECK(ids(discover({dir / "film.png"}, {false, StudyKind::masks})) == Names{"film.png"});
  put(dir / "x" / "labels.png", "");
  put(dir / "y" / "labels.png", "");
  CHECK(ids(discover({dir / "x" / "labels.png", dir / "y" / "labels.png"},
                     {false, StudyKind::masks})) == Names{"x", "y"});
  put(dir / "x" / "landmarks_reviewed.json", "{}");
  CHECK(ids(discover({dir / "x" / "landmarks_reviewed.json"}, {false, StudyKind::masks})) ==
        Names{"x"});
}

TEST_CASE("Files given individually are kept; missing and empty inputs have a reason") {
  const test::TempDir dir;
  put(dir / "words.png", "words");
  const auto studies = discover({dir / "words.png"});
  REQUIRE(studies.size() == 1);
  CHECK(studies[0].id == "words");
  CHECK(studies[0].path == dir / "words.png");
  fs::create_directory(dir / "empty");
  const auto failed = discover({dir / "none", dir / "empty/"});
  REQUIRE(ids(failed) == Names{"empty", "none"});
  CHECK(contains(failed[0].error, "expected at least one film"));
  CHECK(contains(failed[1].error, "expected a file or folder, found none"));
  for (const auto& study : failed) CHECK(study.error_kind == ErrorKind::not_found);
}

TEST_CASE("Colliding stems get the path, then the extension, then the root") {
  const test::TempDir dir;
  put_film(dir / "p1" / "film.png");
  put_film(dir / "p2" / "film.png");
  put_film(dir / "p2" / "other.png");
  CHECK(ids(discover({dir.path()}, {true, StudyKind::films})) ==
        Names{"p1__film", "p2__film", "other"});
  put_film(dir / "p2" / "film.tif");
  CHECK(ids(discover({dir.path()}, {true, StudyKind::films})) ==
        Names{"p1__film", "p2__film.png", "p2__film.tif", "other"});
  CHECK(ids(discover({dir / "p1", dir / "p2"})) ==
        Names{"p1__film.png", "p2__film.png", "film.tif", "other"});
}

TEST_CASE("A file reached twice is one study, ids are unique") {
  const test::TempDir dir;
  put_film(dir / "a.png");
  CHECK(discover({dir.path(), dir / "a.png", dir / "." / "a.png"}).size() == 1);
  for (const char* part : {"x/s/a.png", "y/s/a.png", "z/s/a.png"}) put_film(dir / part);
  auto names = ids(discover({dir / "x/s", dir / "y/s", dir / "z/s"}));
  std::sort(names.begin(), names.end());
  CHECK(names.size() == 3);
  CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
}

TEST_CASE("A restored film is a study named after its folder, its other images are not") {
  const test::TempDir dir;
  for (const char* study : {"s1", "s2"}) {
    for (const char* file : {"restored.png", "implant_mask.png", "preview.png"}) {
      put_film(dir / "out" / study / file);
    }
    put(dir / "out" / study / "restoration.json", "{}");
  }
  put(dir / "out" / "run.json", "{}");
  const auto studies = discover({dir / "out"});
  CHECK(ids(studies) == Names{"s1", "s2"});
  CHECK(studies[0].path == dir / "out" / "s1" / "restored.png");
}

TEST_CASE("Mask folders and files are studies named after the folder") {
  const test::TempDir dir;
  const auto page = test::encoded(".tif", cv::Mat::zeros(4, 4, CV_8UC1));
  put(dir / "out" / "s1" / "masks.tif", page);
  put_film(dir / "out" / "s1" / "labels.png");
  put(dir / "out" / "s2" / "landmarks.json", "{\"schema\":\"spine-landmarks/2\"}");
  put_film(dir / "out" / "s3" / "L4.png");
  put(dir / "out" / "run.json", "{}");
  put(dir / "out" / "deep" / "er" / "masks.tif", page);
  const DiscoverOptions masks{false, StudyKind::masks};
  const auto studies = discover({dir / "out"}, masks);
  CHECK(ids(studies) == Names{"s1", "s2", "s3"});
  CHECK(studies[0].path == dir / "out" / "s1");
  CHECK(ids(discover({dir / "out"}, {true, StudyKind::masks})) == Names{"er", "s1", "s2", "s3"});
  CHECK(ids(discover({dir / "out" / "s1"}, masks)) == Names{"s1"});
  CHECK(ids(discover({dir / "out" / "s1" / "masks.tif", dir / "out" / "s2" / "landmarks.json"},
                     masks)) == Names{"s1", "s2"});
  put(dir / "loose" / "x.tif", page);
  put(dir / "loose" / "y.json", "{\"schema\":\"spine-landmarks/2\"}");
  put(dir / "loose" / "z.json", "{}");
  CHECK(ids(discover({dir / "loose"}, masks)) == Names{"x", "y"});
}

TEST_CASE("A manifest gives studies with their options, invalid rows with their reason") {
  const test::TempDir dir;
  put_film(dir / "films" / "a.png");
  put(dir / "m.csv",
      "\xef\xbb\xbfstudy_id,path,spacing_mm,anterior\r\n"
      "one,films/a.png,0.2,left\r\n"
      "\"two, quoted\",\"films/a.png\",0.2\\0.15,RIGHT\r\n"
      "\r\n"
      "three,films/none.png,,\r\n"
      "one,films/a.png,,\r\n"
      "four,films/a.png,-1,\r\n"
      "five,films/a.png,,up\r\n"
      ",films/a.png,,\r\n"
      "../six,films/a.png,,\r\n"
      "seven,,,\r\n"
      "eight,films/a.png,,,,\r\n"
      "nine," +
          (dir / "films/a.png").string() + ",,auto\n");
  const auto s = read_manifest(dir / "m.csv");
  REQUIRE(s.size() == 11);
  CHECK(s[0].id == "one");
  CHECK(s[0].error.empty());
  CHECK(s[0].path == dir / "films/a.png");
  CHECK(s[0].spacing == Spacing{0.2, 0.2});
  CHECK(s[0].anterior == Side::left);
  CHECK(s[1].id == "two, quoted");
  CHECK(s[1].spacing == Spacing{0.2, 0.15});
  CHECK(s[1].anterior == Side::right);
  CHECK(s[1].error.empty());
  CHECK(contains(s[2].error, "line 5: expected a file, found nothing at"));
  CHECK(s[2].error_kind == ErrorKind::not_found);
  CHECK(s[3].error_kind == ErrorKind::usage);
  CHECK(contains(s[3].error, "\"one\" again, first in line 2"));
  CHECK(s[3].id == "one__line6");
  CHECK(contains(s[4].error, "spacing_mm: expected a positive number, got \"-1\""));
  CHECK(contains(s[5].error, "anterior: expected left, right or auto, got \"up\""));
  CHECK(contains(s[6].error, "expected a study_id, got an empty cell"));
  CHECK(contains(s[7].error, "can name a folder"));
  CHECK(contains(s[8].error, "expected a path"));
  CHECK(contains(s[9].error, "expected 4 cells, got 6"));
  CHECK(s[10].error.empty());
  CHECK_FALSE(s[10].anterior);
}

TEST_CASE("A manifest needs a valid header") {
  const test::TempDir dir;
  put(dir / "a.csv", "study,path\nx,y\n");
  CHECK(contains(message_of(ErrorKind::usage, [&] { read_manifest(dir / "a.csv"); }),
                 "the column \"study\""));
  put(dir / "b.csv", "study_id\nx\n");
  CHECK(contains(message_of(ErrorKind::usage, [&] { read_manifest(dir / "b.csv"); }), "no path"));
  put(dir / "c.csv", "");
  CHECK(
      contains(message_of(ErrorKind::usage, [&] { read_manifest(dir / "c.csv"); }), "got nothing"));
  message_of(ErrorKind::usage, [&] { read_manifest(dir / "none.csv"); });
}

namespace {

/// The ids that a recursive search finds, and the skipped entries as "name: reason".
struct Searched {
  Names ids, passed;
};

Searched search_in(const std::vector<fs::path>& inputs, bool recursive = true,
                   StudyKind kind = StudyKind::films) {
  std::vector<SkippedFiles> passed;
  Searched result{ids(discover(inputs, {recursive, kind, &passed})), {}};
  for (const auto& [path, reason] : passed) {
    result.passed.push_back(path.filename().string() + ": " + reason);
  }
  return result;
}

const std::string kSearched = "a link to a folder already searched";
const std::string kHolds = "a link to a parent folder";

}  // namespace

TEST_CASE("A recursive search follows a link to a folder once") {
  const test::TempDir dir;
  put_film(dir / "in" / "a.png");
  put_film(dir / "other" / "b.png");
  put_film(dir / "other" / "below" / "c.png");
  fs::create_directory_symlink(dir / "other", dir / "in" / "link1");
  fs::create_directory_symlink(dir / "other", dir / "in" / "link2");
  fs::create_directory_symlink("link1", dir / "in" / "link3");
  const Searched found = search_in({dir / "in"});
  CHECK(found.ids == Names{"a", "b", "c"});
  CHECK(found.passed == Names{"link2: " + kSearched, "link3: " + kSearched});
  const auto studies = discover({dir / "in"}, {true, StudyKind::films});
  CHECK(studies.at(1).path == dir / "in" / "link1" / "b.png");

  const Searched flat = search_in({dir / "in"}, false);
  CHECK(flat.ids == Names{"a"});
  REQUIRE(flat.passed.size() == 3);
  CHECK(flat.passed[0] == "link1: a link to a folder (followed with --recursive)");
}

TEST_CASE("Circular and duplicate links are not followed") {
  const test::TempDir dir;
  put_film(dir / "in" / "real" / "a.png");
  put_film(dir / "other" / "b.png");
  put_film(dir / "beside.png");
  fs::create_directory_symlink(".", dir / "in" / "self");
  fs::create_directory_symlink(dir.path(), dir / "in" / "up");
  fs::create_directory_symlink("real", dir / "in" / "before_real");
  fs::create_directory_symlink(dir / "other", dir / "in" / "there");
  fs::create_directory_symlink(dir / "in", dir / "other" / "back");
  fs::create_directory_symlink(dir / "in" / "real", dir / "other" / "twice");
  fs::create_directory_symlink("loop", dir / "in" / "loop");
  const Searched found = search_in({dir / "in"});
  CHECK(found.ids == Names{"a", "b"});  // a is found at its location, not by the link before it
  CHECK(found.passed == Names{"loop: neither image nor DICOM", "before_real: " + kSearched,
                              "self: " + kHolds, "up: " + kHolds, "back: " + kSearched,
                              "twice: " + kSearched});
  // A folder that is itself an input is searched as an input.
  const Searched both = search_in({dir / "in", dir / "other"});
  CHECK(both.ids == Names{"a", "b"});
  CHECK(std::count(both.passed.begin(), both.passed.end(), "there: " + kSearched) == 1);
}

TEST_CASE("A link to a parent of a searched folder adds the remaining files") {
  const test::TempDir dir;
  put_film(dir / "all" / "in" / "a.png");
  put_film(dir / "all" / "b.png");
  fs::create_directory(dir / "start");
  fs::create_directory_symlink(dir / "all", dir / "start" / "link");
  const Searched found = search_in({dir / "all" / "in", dir / "start"});
  CHECK(found.ids == Names{"a", "b"});
  CHECK(found.passed.empty());
  CHECK(search_in({dir / "start"}).ids == Names{"b", "a"});  // by their paths
}

TEST_CASE("An input that is a link, and a linked study, are treated like their targets") {
  const test::TempDir dir;
  put_film(dir / "real" / "a.png");
  fs::create_directory_symlink("real", dir / "link");
  for (const bool recursive : {false, true}) {
    CHECK(search_in({dir / "link"}, recursive).ids == Names{"a"});
    CHECK(search_in({dir / "link", dir / "real"}, recursive).ids == Names{"a"});
  }
  put(dir / "masks" / "s1" / "masks.tif", "");
  fs::create_directory(dir / "in");
  fs::create_directory_symlink(dir / "masks" / "s1", dir / "in" / "s2");
  fs::create_directory_symlink(dir / "masks", dir / "in" / "t");
  CHECK(search_in({dir / "in"}, false, StudyKind::masks).ids == Names{"s2"});
  CHECK(search_in({dir / "masks", dir / "in"}, true, StudyKind::masks).ids.size() == 1);
}

TEST_CASE("Ids are UTF-8 without invisible characters or formulas") {
  const test::TempDir dir;
  for (const char* name : {"M\xFCller.png", "Müller.png", "=cmd.png", "_cmd.png", "+a.png",
                           "gpj.\xE2\x80\xAE"
                           "x.png"}) {
    put_film(dir / name);
  }
  put_film(dir / (std::string(88, 'a') + "ü" + std::string(88, 'b') + "€€.png"));
  put_film(dir / (std::string(88, 'a') + "ü" + std::string(88, 'b') + "€€€.png"));
  auto names = ids(discover({dir.path()}));
  REQUIRE(names.size() == 8);
  std::sort(names.begin(), names.end());
  CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
  for (const auto& name : names) {
    CHECK(is_utf8(name));
    CHECK(csv_cell(name) == name);
  }
  CHECK(std::count_if(names.begin(), names.end(),
                      [](const auto& n) { return contains(n, "Müller"); }) == 2);
}

TEST_CASE("A manifest in another encoding or with another separator is read") {
  using namespace std::string_literals;
  const test::TempDir dir;
  put_film(dir / "ü.png");
  put_film(dir / "\xE4.png");
  const auto paths = [&](const std::string& bytes) {
    put(dir / "m.csv", bytes);
    std::vector<std::string> all;
    for (const auto& study : read_manifest(dir / "m.csv")) {
      CHECK(study.error == "");
      all.push_back(study.path.filename().string());
    }
    return all;
  };
  const auto utf16 = [](const std::string& latin1, bool low_first) {
    std::string bytes;
    for (const char c : latin1) bytes += low_first ? std::string{c, '\0'} : std::string{'\0', c};
    return bytes;
  };
  const std::string rows = "study_id\tpath\r\na\t\xFC.png\r\n";
  for (const bool low_first : {true, false}) {
    const std::string mark = low_first ? "\xFF\xFE" : "\xFE\xFF";
    CHECK(paths(mark + utf16(rows, low_first)) == Names{"ü.png"});
    CHECK(paths(utf16(rows, low_first)) == Names{"ü.png"});
  }
  CHECK(paths("study_id;path;spacing_mm\na;ü.png;0,2\n") == Names{"ü.png"});
  CHECK(paths("study_id,path\ra,ü.png\rb,ü.png\r") == Names{"ü.png", "ü.png"});
  // Names are found in the encoding of the disk, regardless of the manifest's.
  CHECK(paths("study_id,path\na,\xFC.png\nb,\xE4.png\n") == Names{"ü.png", "\xE4.png"});
  CHECK(paths("study_id,path\nb,ä.png\n") == Names{"\xE4.png"});
  put(dir / "m.csv", "study_id;path;spacing_mm\na;ü.png;0,2\n");
  CHECK(read_manifest(dir / "m.csv").at(0).spacing == Spacing{0.2, 0.2});
}

TEST_CASE("A manifest that is not a table is rejected with a one-line message") {
  using namespace std::string_literals;
  const test::TempDir dir;
  const auto refusal = [&](const std::string& bytes) {
    put(dir / "m.csv", bytes);
    const std::string message = message_of(ErrorKind::usage, [&] { read_manifest(dir / "m.csv"); });
    CHECK(to_printable(message) == message);
    return message;
  };
  CHECK(contains(refusal("PK\x03\x04\0\0\0\x08\0"s), "maybe a spreadsheet"));
  CHECK(contains(refusal("\xFF\xFE\0\0s\0\0\0"s), "saved as text in UTF-8"));
  refusal("\x1B[2Jx\xFF,path\nx,y\n");
  refusal(std::string(5000, 'x') + ",path\n");
}

TEST_CASE("An id in a manifest must not be a formula") {
  const test::TempDir dir;
  put_film(dir / "a.png");
  put(dir / "m.csv", "study_id,path\n=cmd,a.png\n@x,a.png\nfine,a.png\n");
  const auto studies = read_manifest(dir / "m.csv");
  REQUIRE(ids(studies) == Names{"_cmd", "_x", "fine"});
  CHECK(contains(studies[0].error, "is not a formula, got \"=cmd\""));
  CHECK(studies[2].error.empty());
}
