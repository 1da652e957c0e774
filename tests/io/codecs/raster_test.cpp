#include "spine/io/codecs/raster.h"

#include "support/catch.h"
#include "support/throws.h"

using namespace spine;
using spine::test::contains;
using spine::test::message_of;

TEST_CASE("Sizes are checked by side and by area") {
  const RasterLimits limits;
  check_size("a.png", 20'000, 10'000, limits);
  const auto message =
      message_of(ErrorKind::unsupported, [&] { check_size("a.png", 30'000, 10, limits); });
  CHECK(contains(message, "a.png"));
  CHECK(contains(message, "at most 20000 pixels a side and 200 megapixels, got 30000x10"));
  message_of(ErrorKind::unsupported, [&] { check_size("a.png", 15'000, 15'000, limits); });
  message_of(ErrorKind::unsupported, [&] { check_size("a.png", 1LL << 31, 1LL << 31, limits); });
}
