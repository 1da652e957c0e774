#include "spine/batch/skipped_files.h"

#include <fstream>

#include "support/catch.h"
#include "support/temp_dir.h"

#include "spine/core/error.h"
#include "spine/util/atomic_file.h"

using namespace spine;
using namespace spine::batch;

TEST_CASE("The list of an earlier run is replaced, and removed when nothing is passed over") {
  const test::TempDir temp;
  CHECK_FALSE(count_passed_over(temp.path()).has_value());
  write_passed_over(temp.path(), {{"a, b.txt", "neither picture nor DICOM"}, {"c.txt", "a link"}});
  CHECK(read_file(temp / kPassedOver) ==
        "file,reason\n\"a, b.txt\",neither picture nor DICOM\nc.txt,a link\n");
  CHECK(count_passed_over(temp.path()) == 2);
  write_passed_over(temp.path(), {{"c.txt", "a link"}});
  CHECK(count_passed_over(temp.path()) == 1);
  check_passed_over(temp.path());
  write_passed_over(temp.path(), {});
  CHECK_FALSE(std::filesystem::exists(temp / kPassedOver));
  write_passed_over(temp.path(), {});
}

TEST_CASE("A list of other origin is refused and never removed, one that was cut off is neither") {
  const test::TempDir temp;
  std::ofstream(temp / kPassedOver) << "file;why\nmine;1\n";
  CHECK_THROWS_AS(check_passed_over(temp.path()), Error);
  write_passed_over(temp.path(), {});
  CHECK(read_file(temp / kPassedOver) == "file;why\nmine;1\n");
  std::ofstream(temp / kPassedOver) << "file,re";
  check_passed_over(temp.path());
  write_passed_over(temp.path(), {});
  CHECK_FALSE(std::filesystem::exists(temp / kPassedOver));
}
