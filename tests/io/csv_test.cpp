#include "spine/io/csv.h"

#include "support/catch.h"

#include "spine/core/error.h"

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
  CHECK(cells_of("\xEF\xBB\xBF"
                 "a,b\n") == Cells{{"a", "b"}});
}

TEST_CASE("CSV rows know the line on which they start") {
  const auto rows = parse_csv("a,b\n\n\"two\nlines\",1\nlast,2\n");
  REQUIRE(rows.size() == 3);
  CHECK(rows[1].line == 3);
  CHECK(rows[1].cells == std::vector<std::string>{"two\nlines", "1"});
  CHECK(rows[2].line == 5);
}

TEST_CASE("A column is found by the first of its names, or those that are there are named") {
  const auto refusal = [](const std::string& header) -> std::string {
    try {
      column_of(parse_csv(header).at(0), {"age"}, "table.csv");
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::usage);
      return error.what();
    }
    return "none";
  };
  const auto rows = parse_csv("study_id,value\na,1\n");
  CHECK(column_of(rows[0], {"study", "study_id"}, "table.csv") == 0);
  CHECK(column_of(rows[0], {"value"}, "table.csv") == 1);
  CHECK(refusal("study_id,value\n") == "table.csv: expected a column age, found study_id, value");
  CHECK(refusal("study;age\n") ==
        "table.csv: expected a column age, found study;age; cells are separated by commas");
}

TEST_CASE("A cell is written so that it is read again") {
  CHECK(csv_cell("plain") == "plain");
  for (const std::string cell : {"a,b", "a \"b\"", "two\nlines", ""}) {
    CHECK(cells_of(csv_cell(cell) + ",end").at(0).at(0) == cell);
  }
}
