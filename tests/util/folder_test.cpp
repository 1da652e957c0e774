#include "spine/util/folder.h"

#include <fstream>

#include "support/as_nobody.h"
#include "support/catch.h"
#include "support/temp_dir.h"

namespace fs = std::filesystem;
using namespace spine;

TEST_CASE("A folder is listed in order of names") {
  const test::TempDir dir;
  for (const char* name : {"b", "a", "c"}) std::ofstream(dir / name) << name;
  fs::create_symlink("circle", dir / "circle");
  const FolderListing listing = list_folder(dir.path());
  CHECK_FALSE(listing.error);
  CHECK(listing.entries == std::vector<fs::path>{dir / "a", dir / "b", dir / "c", dir / "circle"});
}

TEST_CASE("Unreadable entries throw nothing") {
  const test::TempDir dir;
  CHECK(list_folder(dir / "missing").error == std::errc::no_such_file_or_directory);
  std::ofstream(dir / "file") << "x";
  CHECK(list_folder(dir / "file").error == std::errc::not_a_directory);
  CHECK(is_file(dir / "file"));
  CHECK_FALSE(is_folder(dir / "file"));
  CHECK(may_be_file(dir / "file"));
  CHECK_FALSE(may_be_file(dir / "missing"));
  CHECK_FALSE(may_be_file(dir.path()));
  CHECK(is_folder(dir.path()));

  fs::create_symlink("circle", dir / "circle");
  CHECK_FALSE(is_file(dir / "circle"));
  CHECK_FALSE(is_folder(dir / "circle"));
  CHECK(may_be_file(dir / "circle"));
  CHECK_FALSE(is_file(dir.path() / std::string(5000, 'x')));
}

TEST_CASE("A closed folder may contain files") {
  const test::TempDir dir;
  fs::permissions(dir.path(), fs::perms::all);
  fs::create_directory(dir / "closed");
  std::ofstream(dir / "closed" / "masks.tif") << "x";
  fs::permissions(dir / "closed", fs::perms::none);
  {
    const test::AsNobody nobody;
    CHECK(list_folder(dir / "closed").error == std::errc::permission_denied);
    CHECK(is_folder(dir / "closed"));
    CHECK_FALSE(is_file(dir / "closed" / "masks.tif"));
    CHECK(may_be_file(dir / "closed" / "masks.tif"));
  }
  fs::permissions(dir / "closed", fs::perms::owner_all);
}
