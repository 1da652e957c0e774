#include "spine/core/error.h"

#include <set>

#include "support/catch.h"

using namespace spine;

TEST_CASE("an error keeps its kind and gains context in front") {
  const Error error(ErrorKind::unreadable, "expected 8 pages, got 3");
  const Error outer = error.within("read masks a.tif");
  CHECK(outer.kind() == ErrorKind::unreadable);
  CHECK(std::string(outer.what()) == "read masks a.tif: expected 8 pages, got 3");
  CHECK(std::string(error.what()) == "expected 8 pages, got 3");
}

TEST_CASE("every kind of error has a name of its own") {
  std::set<std::string_view> names;
  for (int kind = 0; kind <= static_cast<int>(ErrorKind::internal); ++kind) {
    names.insert(to_string(static_cast<ErrorKind>(kind)));
  }
  CHECK(names.size() == static_cast<std::size_t>(ErrorKind::internal) + 1);
  CHECK(to_string(ErrorKind::no_spine) == "no_spine");
}
