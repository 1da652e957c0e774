#include "spine/review/blind.h"

#include <string>

#include "support/catch.h"

using namespace spine;
using namespace spine::review;

namespace {

std::size_t blind_of(double share, const std::string& reader) {
  const auto none = ReviewFile::read("no folder", "s");
  std::size_t count = 0;
  for (int i = 0; i < 1000; ++i) {
    count += reading_of({{}, share}, reader, "s" + std::to_string(i), none).session > 0;
  }
  return count;
}

}  // namespace

TEST_CASE("the share of the studies that are read blind first is as asked") {
  CHECK(blind_of(0, "AB") == 0);
  CHECK(blind_of(1, "AB") == 1000);
  const auto tenth = blind_of(0.1, "AB");
  CHECK(tenth > 70);
  CHECK(tenth < 130);
  CHECK(blind_of(0.1, "AB") == tenth);
}

TEST_CASE("readers read different studies blind first") {
  const auto none = ReviewFile::read("no folder", "s");
  std::size_t both = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::string study = "s" + std::to_string(i);
    both += reading_of({{}, 0.5}, "AB", study, none).session > 0 &&
            reading_of({{}, 0.5}, "CD", study, none).session > 0;
  }
  CHECK(both > 180);
  CHECK(both < 320);
}

TEST_CASE("a blind session is the reader's own for every study") {
  const auto none = ReviewFile::read("no folder", "s");
  CHECK(reading_of({2, 0}, "AB", "s0", none) == ReadingId{"AB", 2});
  CHECK(reading_of({}, "AB", "s0", none) == ReadingId{});
}
