#include "spine/review/review_lock.h"

#include <optional>

#include "support/catch.h"
#include "support/temp_dir.h"
#include "support/throws.h"

#include "spine/core/error.h"

using namespace spine;
using namespace spine::review;
using namespace spine::test;

TEST_CASE("a second review of a folder is refused with the first one's address") {
  const TempDir dir;
  std::optional<ReviewLock> first(std::in_place, dir.path(), "http://127.0.0.1:1234");
  const auto lock = [&] { ReviewLock(dir.path(), "http://127.0.0.1:5"); };
  CHECK(contains(message_of(ErrorKind::usage, lock), "http://127.0.0.1:1234"));
  first.reset();
  CHECK_NOTHROW(lock());
}

TEST_CASE("a folder that is not there cannot be locked") {
  const TempDir dir;
  message_of(ErrorKind::output, [&] { ReviewLock(dir / "none", "x"); });
}
