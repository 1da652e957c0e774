#include "spine/core/input_spec.h"

#include "support/catch.h"

#include "spine/core/error.h"

using namespace spine;

TEST_CASE("Preprocessings are named sets of views") {
  CHECK(preprocessing_views("identity") == std::vector<std::string>{"original"});
  CHECK(preprocessing_views("equal_hist") == std::vector<std::string>{"equal_hist"});
  CHECK(preprocessing_views("pen_6") == InputSpec{}.views);
  CHECK(preprocessing_views("pen_5").size() == 5);
  CHECK(preprocessing_views("clahe") == std::vector<std::string>{"clahe"});
}

TEST_CASE("An unknown preprocessing is rejected with a list of the known ones") {
  try {
    preprocessing_views("pen_7");
    FAIL("expected an error");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::usage);
    CHECK(std::string(error.what()).find("identity, clahe, equal_hist, pen_5, pen_6") !=
          std::string::npos);
  }
}
