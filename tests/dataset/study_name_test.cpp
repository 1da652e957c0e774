#include "spine/dataset/study_name.h"

#include "support/catch.h"

#include "spine/util/csv.h"
#include "spine/util/utf8.h"

using namespace spine;

TEST_CASE("Usual names are unchanged") {
  for (const char* name : {"film", "sim-600001", "Müller 1950", "1.2.840.113619.2.5", "a=b", "a;b",
                           "x+y", "日本", "e@mail"}) {
    CHECK(safe_name(name) == name);
  }
}

TEST_CASE("A name is neither hidden nor a formula, and a valid folder name") {
  CHECK(safe_name("=cmd|' /C calc'!A0") == "_cmd|' _C calc'!A0");
  CHECK(safe_name("+1") == "_1");
  CHECK(safe_name("-2") == "_2");
  CHECK(safe_name("@SUM(1)") == "_SUM(1)");
  CHECK(safe_name("a;=b") == "a;_b");
  CHECK(safe_name("\xEF\xBC\x9D"
                  "1+1") == "_1+1");
  CHECK(safe_name("\t=1") == "_=1");
  CHECK(safe_name("..a/b\\c\n") == "a_b_c_");
  CHECK(safe_name("\xE2\x80\xAE"
                  "gpj") == "_gpj");
  CHECK(safe_name("...") == "film");
  CHECK(safe_name("") == "film");
  for (const char* name : {"=a", "+a;-b;@c", "\xEF\xBC\x8B;;\xEF\xBC\xA0x"}) {
    const std::string safe = safe_name(name);
    CHECK(csv_cell(safe) == safe);
    CHECK(safe_name(safe) == safe);
  }
}

TEST_CASE("A name is UTF-8, also if it is truncated") {
  CHECK(safe_name("M\xFCller") == "Müller");
  for (int ahead = 0; ahead < 4; ++ahead) {
    std::string name(static_cast<std::size_t>(ahead), 'a');
    while (name.size() < 250) name += "€";
    CHECK(is_utf8(safe_name(name)));
    CHECK(safe_name(name).size() <= 180);
    CHECK(safe_name(name).size() > 176);
  }
  CHECK(is_utf8(safe_name(std::string(255, '\xE9'))));
}
