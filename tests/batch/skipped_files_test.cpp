#include "spine/batch/skipped_files.h"

#include <fstream>

#include "support/catch.h"
#include "support/temp_dir.h"

#include "spine/core/error.h"
#include "spine/util/atomic_file.h"

using namespace spine;
using namespace spine::batch;

TEST_CASE("The list of an earlier run is replaced, and removed if nothing is skipped") {
  const test::TempDir temp;
  CHECK_FALSE(count_skipped(temp.path()).has_value());
  write_skipped(temp.path(), {{"a, b.txt", "neither image nor DICOM"}, {"c.txt", "a link"}});
  CHECK(read_file(temp / kSkipped) ==
        "file,reason\n\"a, b.txt\",neither image nor DICOM\nc.txt,a link\n");
  CHECK(count_skipped(temp.path()) == 2);
  write_skipped(temp.path(), {{"c.txt", "a link"}});
  CHECK(count_skipped(temp.path()) == 1);
  check_skipped(temp.path());
  write_skipped(temp.path(), {});
  CHECK_FALSE(std::filesystem::exists(temp / kSkipped));
  write_skipped(temp.path(), {});
}

TEST_CASE("A list of other origin is refused and never removed, a truncated one is replaced") {
  const test::TempDir temp;
  std::ofstream(temp / kSkipped) << "file;why\nmine;1\n";
  CHECK_THROWS_AS(check_skipped(temp.path()), Error);
  write_skipped(temp.path(), {});
  CHECK(read_file(temp / kSkipped) == "file;why\nmine;1\n");
  std::ofstream(temp / kSkipped) << "file,re";
  check_skipped(temp.path());
  write_skipped(temp.path(), {});
  CHECK_FALSE(std::filesystem::exists(temp / kSkipped));
}

TEST_CASE("A list that ends within a line is truncated") {
  const test::TempDir temp;
  CHECK_FALSE(is_skipped_list_cut_off(temp.path()));
  write_skipped(temp.path(), {{"a.txt", "a link"}, {"c.txt", "a link"}});
  CHECK_FALSE(is_skipped_list_cut_off(temp.path()));
  const std::string whole = read_file(temp / kSkipped);
  for (const std::size_t size : {std::size_t{0}, std::size_t{5}, whole.size() - 1}) {
    write_file_atomically(temp / kSkipped, std::string_view(whole).substr(0, size));
    CHECK(is_skipped_list_cut_off(temp.path()));
  }
  std::ofstream(temp / kSkipped) << "file;why\nmine;1";
  CHECK_FALSE(is_skipped_list_cut_off(temp.path()));
}
