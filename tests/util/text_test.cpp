#include "spine/util/text.h"

#include "support/catch.h"

using namespace spine;

TEST_CASE("Only ASCII letters change their case") {
  CHECK(lower_case("Film.DCM 1") == "film.dcm 1");
  CHECK(upper_case("pseudonym_key") == "PSEUDONYM_KEY");
  CHECK(upper_case("ä") == "ä");
  CHECK(lower_case("Ä") == "Ä");
}

TEST_CASE("Blanks are trimmed at both ends") {
  CHECK(trimmed(" \ta b\r\n") == "a b");
  CHECK(trimmed(" \n").empty());
  CHECK(trimmed("").empty());
  CHECK(trimmed("\na ", " ") == "\na");
}

TEST_CASE("Every occurrence is replaced once") {
  CHECK(replace_all("a-b-c", "-", "--") == "a--b--c");
  CHECK(replace_all("aaa", "aa", "a") == "aa");
  CHECK(replace_all("abc", "x", "y") == "abc");
  CHECK(replace_all("abab", "ab", "").empty());
}

TEST_CASE("Words are joined by a separator, empty ones too") {
  CHECK(join({}, ", ").empty());
  CHECK(join({"L1"}, ", ") == "L1");
  CHECK(join({"L1", "", "L3"}, ";") == "L1;;L3");
  CHECK(join({"", "L2"}, ";") == ";L2");
}

TEST_CASE("Durations have the unit that suits them") {
  CHECK(duration_text(0) == "0 s");
  CHECK(duration_text(119) == "119 s");
  CHECK(duration_text(600) == "10 min");
  CHECK(duration_text(3 * 3600) == "3.0 h");
}
