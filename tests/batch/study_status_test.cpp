#include "spine/batch/study_status.h"

#include "support/catch.h"

using namespace spine;
using namespace spine::batch;

TEST_CASE("Every status is read as it was written") {
  int known = 0;
  for (int i = 0; i < static_cast<int>(StudyStatus::unknown); ++i) {
    const auto status = static_cast<StudyStatus>(i);
    INFO(to_string(status));
    CHECK(parse_study_status(to_string(status)) == status);
    CHECK(to_string(status) != "unknown");
    ++known;
  }
  CHECK(known == 14);
}

TEST_CASE("A status has the name of its verdict or error kind") {
  CHECK(to_string(StudyStatus::review) == to_string(Verdict::review));
  CHECK(to_string(StudyStatus::no_spine) == to_string(ErrorKind::no_spine));
  CHECK(status_of(ErrorKind::excluded) == StudyStatus::excluded);
}

TEST_CASE("A status of another version is a failure") {
  for (const char* text : {"", "OK", "left_out", "unknown"}) {
    CHECK(parse_study_status(text) == StudyStatus::unknown);
  }
  CHECK(is_failure(StudyStatus::unknown));
}

TEST_CASE("The status excluded is neither a success nor a failure") {
  CHECK_FALSE(is_success(StudyStatus::excluded));
  CHECK_FALSE(is_failure(StudyStatus::excluded));
  CHECK(is_success(StudyStatus::missing));
  CHECK(is_failure(StudyStatus::interrupted));
}
