#include "spine/core/error.h"

#include <set>

#include "support/catch.h"

using namespace spine;

TEST_CASE("An error keeps its kind and is prefixed with context") {
  const Error error(ErrorKind::unreadable, "expected 8 pages, got 3");
  const Error outer = error.within("read masks a.tif");
  CHECK(outer.kind() == ErrorKind::unreadable);
  CHECK(std::string(outer.what()) == "read masks a.tif: expected 8 pages, got 3");
  CHECK(std::string(error.what()) == "expected 8 pages, got 3");
}

TEST_CASE("A message is a single printable line of limited length") {
  const auto message = [](const std::string& text) {
    return std::string(Error(ErrorKind::unreadable, text).what());
  };
  CHECK(message("found \"a\nb\r\x1b[31m\"") == "found \"a b  [31m\"");
  CHECK(message("W\xc3\xbc"
                "nsche") ==
        "W\xc3\xbc"
        "nsche");
  CHECK(message(std::string(1'000'000, 'a')).size() < 5000);
  const std::string cut = message("a" + [] {
    std::string text;
    for (int i = 0; i < 5000; ++i) text += "\xc3\xbc";
    return text;
  }());
  CHECK(cut.substr(cut.size() - 5) == "\xc3\xbc...");
}

TEST_CASE("Every kind of error has a distinct name") {
  std::set<std::string_view> names;
  for (int kind = 0; kind <= static_cast<int>(ErrorKind::internal); ++kind) {
    names.insert(to_string(static_cast<ErrorKind>(kind)));
  }
  CHECK(names.size() == static_cast<std::size_t>(ErrorKind::internal) + 1);
  CHECK(to_string(ErrorKind::no_spine) == "no_spine");
}
