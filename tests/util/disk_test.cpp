#include "spine/util/disk.h"

#include "support/catch.h"
#include "support/temp_dir.h"

#include "spine/core/error.h"

using namespace spine;

TEST_CASE("Folders are created with their parents, but not below a file") {
  const test::TempDir dir;
  make_folders(dir / "a/b");
  CHECK(std::filesystem::is_directory(dir / "a/b"));
  make_folders(dir / "a/b");
  CHECK_THROWS_AS(make_folders("/dev/null/x"), Error);
}
