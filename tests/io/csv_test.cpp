#include "spine/io/csv.h"

#include "support/catch.h"

using namespace spine;

namespace {

std::vector<std::vector<std::string>> cells_of(const std::string& text) {
  std::vector<std::vector<std::string>> cells;
  for (const CsvRow& row : parse_csv(text)) cells.push_back(row.cells);
  return cells;
}

}  // namespace

using Cells = std::vector<std::vector<std::string>>;

TEST_CASE("CSV cells come back as they were written") {
  CHECK(cells_of("a,b\r\n\"x, \"\"y\"\"\",\n") == Cells{{"a", "b"}, {"x, \"y\"", ""}});
  CHECK(cells_of("a\nb") == Cells{{"a"}, {"b"}});
  CHECK(cells_of("").empty());
}

TEST_CASE("CSV rows know the line on which they start") {
  const auto rows = parse_csv("a,b\n\n\"two\nlines\",1\nlast,2\n");
  REQUIRE(rows.size() == 3);
  CHECK(rows[1].line == 3);
  CHECK(rows[1].cells == std::vector<std::string>{"two\nlines", "1"});
  CHECK(rows[2].line == 5);
}
