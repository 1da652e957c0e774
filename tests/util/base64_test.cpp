#include "spine/util/base64.h"

#include "support/catch.h"

using spine::base64;

TEST_CASE("base64 gives the vectors of RFC 4648, section 10") {
  CHECK(base64("").empty());
  CHECK(base64("f") == "Zg==");
  CHECK(base64("fo") == "Zm8=");
  CHECK(base64("foo") == "Zm9v");
  CHECK(base64("foob") == "Zm9vYg==");
  CHECK(base64("fooba") == "Zm9vYmE=");
  CHECK(base64("foobar") == "Zm9vYmFy");
  CHECK(base64(std::string_view("\0\xff\xfe", 3)) == "AP/+");
}

TEST_CASE("base64 of large data has its padding at the end alone") {
  const std::string bytes((std::size_t{3} << 20U) + 4, 'a');
  const std::string text = base64(bytes);
  CHECK(text.size() == (bytes.size() + 2) / 3 * 4);
  CHECK(text.find('=') == text.size() - 2);
}
