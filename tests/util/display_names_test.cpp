#include "spine/util/display_names.h"

#include <fstream>

#include "support/catch.h"
#include "support/temp_dir.h"

using namespace spine;
namespace fs = std::filesystem;

TEST_CASE("Without entries a text is unchanged") {
  CHECK(DisplayNames()("read film: /pacs/DOE_JOHN/1.dcm: expected more") ==
        "read film: /pacs/DOE_JOHN/1.dcm: expected more");
}

TEST_CASE("A path, its parents and its content are hidden, and nothing else") {
  DisplayNames names;
  names.add("/pacs/DOE_JOHN/films/", "FILM");
  names.add("/data/out", "OUT", DisplayNames::Below::shown);
  const std::vector<std::pair<std::string, std::string>> expected{
      {"overlay: /pacs/DOE_JOHN/films: expected", "overlay: FILM: expected"},
      {"overlay: /pacs/DOE_JOHN/films/: expected", "overlay: FILM/: expected"},
      {"overlay: /pacs/DOE_JOHN/films/ROE/1.png: expected a", "overlay: FILM/*: expected a"},
      {"overlay: /pacs/DOE_JOHN/films/.ROE/1.png: expected a", "overlay: FILM/*: expected a"},
      {"overlay: /pacs/DOE_JOHN/films/ROE, JANE/1.png: got a", "overlay: FILM/*: got a"},
      {"got /pacs/DOE_JOHN/films/(ROE)/x", "got FILM/*"},
      {"cannot open [/pacs/DOE_JOHN]", "cannot open [FILM/..]"},
      {"cannot open \"/pacs/DOE_JOHN/x\": why", "cannot open \"FILM/../*\": why"},
      {"not made: /pacs/DOE_JOHN/films.a1b2c3: why", "not made: FILM: why"},
      {"/pacs/DOE_JOHN/films2/x", "FILM/../*"},
      {"write /data/out/case1/masks.tif: expected", "write OUT/case1/masks.tif: expected"},
      {"/usr/pacs/x and a/pacs/b", "/usr/pacs/x and a/pacs/b"},
      {"left out: films: out, data, pacs", "left out: films: out, data, pacs"},
      {"", ""}};
  for (const auto& [text, shown] : expected) CHECK(names(text) == shown);
}

TEST_CASE("Names with blanks, commas and colons are hidden as far as they exist") {
  const test::TempDir folder;
  const fs::path film = folder / "in" / "DOE, JOHN: 1" / "a b.png";
  fs::create_directories(film.parent_path());
  std::ofstream(film) << "x";
  DisplayNames names;
  names.add(folder / "in", "INPUT");
  CHECK(names("read film " + film.string() + ": expected more") ==
        "read film INPUT/*: expected more");
}

TEST_CASE("A path is recognised in all its forms") {
  const test::TempDir folder;
  fs::create_directories(folder / "real");
  fs::create_directory_symlink(folder / "real", folder / "link");
  DisplayNames names;
  names.add(folder / "link" / "." / "", "INPUT");
  for (const char* form : {"link", "link/", "link/.", "real", "real/"}) {
    INFO(form);
    CHECK(names("x " + (folder / form).string()).starts_with("x INPUT"));
  }
  DisplayNames relative;
  relative.add("DOE_JOHN", "FILM");
  CHECK(relative("x " + fs::absolute("DOE_JOHN").string() + "/1.png") == "x FILM/*");
  CHECK(relative.name_of("DOE_JOHN/") == "FILM");
  CHECK_FALSE(relative.name_of("ROE"));
  CHECK_FALSE(relative.name_of(fs::current_path()));
}

TEST_CASE("The longest entry is used, and an entry takes precedence over a parent") {
  DisplayNames names;
  names.add("/a/b/c", "LOG");
  names.add("/a/b", "OUT", DisplayNames::Below::shown);
  CHECK(names("/a/b/c /a/b/d /a/x") == "LOG OUT/d LOG/../../*");
}

TEST_CASE("A word is replaced where it is delimited") {
  DisplayNames names;
  names.add_word("DOE", "argument 3");
  names.add_word("/x/ROE", "argument 4");
  CHECK(names("--spacing: got DOE, not DOES or A_DOE: \"DOE\"") ==
        "--spacing: got argument 3, not DOES or A_DOE: \"argument 3\"");
  CHECK(names("no file /x/ROE") == "no file argument 4");
}
