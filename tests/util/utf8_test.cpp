#include "spine/util/utf8.h"

#include "support/catch.h"

using namespace spine;

TEST_CASE("Well-formed UTF-8 is recognised") {
  for (const char* sound : {"", "abc", "Müller", "\xE2\x82\xAC", "\xF0\x9F\xA6\xB4",
                            "\xF4\x8F\xBF\xBF", "\xEF\xBF\xBD"}) {
    CHECK(is_utf8(sound));
    CHECK(to_utf8(sound) == sound);
  }
  for (const char* broken :
       {"\xE9", "M\xFCller", "\xC3", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
        "\xF8\x88\x80\x80\x80", "\x80", "\xE2\x82"}) {
    CHECK_FALSE(is_utf8(broken));
    CHECK(is_utf8(to_utf8(broken)));
  }
}

TEST_CASE("Other bytes are read as Windows-1252, one by one") {
  CHECK(to_utf8("M\xFCller") == "Müller");
  CHECK(to_utf8("5 \x80 \x93x\x94") == "5 € “x”");
  CHECK(to_utf8("é/\xE9") == "é/é");
  CHECK(to_utf8("\x81") == "\xEF\xBF\xBD");
  CHECK(to_windows_1252("Müller €").value() == "M\xFCller \x80");
  CHECK_FALSE(to_windows_1252("日本"));
}

TEST_CASE("Characters that affect the display of others are replaced") {
  CHECK(to_printable("a\x1B[2Jb\tc\x7F", "_") == "a_[2Jb_c_");
  CHECK(to_printable("gpj.\xE2\x80\xAE"
                     "exe",
                     "_") == "gpj._exe");  // right-to-left override
  CHECK(to_printable("a\xE2\x80\x8B"
                     "b\xEF\xBB\xBF\xC2\x9B",
                     "_") == "a_b__");
  CHECK(to_printable("ä–日") == "ä–日");
  CHECK(is_utf8(to_printable("\x9B\xFF\x01")));
}

TEST_CASE("A text is truncated between characters") {
  const std::string text = "aä€\xF0\x9F\xA6\xB4";  // of 1, 2, 3 and 4 bytes
  for (std::size_t most = 0; most <= text.size() + 1; ++most) {
    const std::string cut = cut_utf8(text, most);
    CHECK(is_utf8(cut));
    CHECK(cut.size() <= most);
    CHECK(most - cut.size() < (most > text.size() ? 2U : 4U));
    CHECK(text.starts_with(cut));
  }
}

TEST_CASE("Text in usual encodings is decoded, other bytes are rejected") {
  using namespace std::string_literals;
  CHECK(decode_text("a,ü").value() == "a,ü");
  CHECK(decode_text("\xEF\xBB\xBFü").value() == "ü");
  CHECK(decode_text("a,\xFC").value() == "a,ü");
  CHECK(decode_text("\xFF\xFE"
                    "a\0\xFC\0"s)
            .value() == "aü");
  CHECK(decode_text("\xFE\xFF\0a\0\xFC"s).value() == "aü");
  CHECK(decode_text("a\0b\0\xFC\0"s).value() == "abü");
  CHECK(decode_text("\0a\0b\0\xFC"s).value() == "abü");
  CHECK(decode_text("\xFF\xFE\x3E\xD8\xB4\xDD"s).value() ==
        "\xF0\x9F\xA6\xB4");  // a surrogate pair
  CHECK(is_utf8(decode_text("\xFF\xFE\x3E\xD8"
                            "a\0"s)
                    .value()));  // half of one
  CHECK(decode_text("").value().empty());
  CHECK_FALSE(decode_text("PK\x03\x04\0\0\x08\0"s));
  CHECK_FALSE(decode_text("\xFF\xFE\0\0a\0\0\0"s));  // UTF-32
}
