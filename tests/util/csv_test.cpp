#include "spine/util/csv.h"

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

TEST_CASE("CSV cells are read back as written") {
  CHECK(cells_of("a,b\r\n\"x, \"\"y\"\"\",\n") == Cells{{"a", "b"}, {"x, \"y\"", ""}});
  CHECK(cells_of("a\nb") == Cells{{"a"}, {"b"}});
  CHECK(cells_of("").empty());
  CHECK(cells_of("\xEF\xBB\xBF"
                 "a,b\n") == Cells{{"a", "b"}});
}

TEST_CASE("CSV rows record the line on which they start") {
  const auto rows = parse_csv("a,b\n\n\"two\nlines\",1\nlast,2\n");
  REQUIRE(rows.size() == 3);
  CHECK(rows[1].line == 3);
  CHECK(rows[1].cells == std::vector<std::string>{"two\nlines", "1"});
  CHECK(rows[2].line == 5);
}

TEST_CASE("A column is found by the first matching name, otherwise the columns are listed") {
  const auto refusal = [](const std::string& header) -> std::string {
    try {
      column_index(parse_csv(header).at(0), {"age"}, "table.csv");
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::usage);
      return error.what();
    }
    return "none";
  };
  const auto rows = parse_csv("study_id,value\na,1\n");
  CHECK(column_index(rows[0], {"study", "study_id"}, "table.csv") == 0);
  CHECK(column_index(rows[0], {"value"}, "table.csv") == 1);
  CHECK(refusal("study_id,value\n") == "table.csv: expected a column age, found study_id, value");
  CHECK(refusal("study;age\n") ==
        "table.csv: expected a column age, found study;age; cells are separated by commas");
}

TEST_CASE("A written cell is read back") {
  CHECK(csv_cell("plain") == "plain");
  for (const std::string cell : {"a,b", "a \"b\"", "two\nlines", ""}) {
    CHECK(cells_of(csv_cell(cell) + ",end").at(0).at(0) == cell);
  }
}

TEST_CASE("A cell is UTF-8 and not a formula") {
  CHECK(csv_cell("M\xFCller") == "Müller");
  CHECK(csv_cell("=1+1") == "'=1+1");
  CHECK(csv_cell("=cmd|' /C calc'!A0") == "'=cmd|' /C calc'!A0");
  CHECK(csv_cell("+cmd") == "'+cmd");
  CHECK(csv_cell("-2+3+cmd|' /C calc'!A0") == "'-2+3+cmd|' /C calc'!A0");
  CHECK(csv_cell("@SUM(1)") == "'@SUM(1)");
  CHECK(csv_cell("\t=1") == "'\t=1");
  CHECK(csv_cell("\r=1") == "\"'\r=1\"");
  CHECK(csv_cell("=HYPERLINK(\"x\",\"y\")") == "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"");
  CHECK(csv_cell("\xEF\xBC\x9D"
                 "1") ==
        "'\xEF\xBC\x9D"
        "1");
  CHECK(csv_cell("a;=1;-b") == "a;'=1;'-b");
  CHECK(csv_cell("a\xE2\x80\xAE"
                 "b") ==
        "a\xEF\xBF\xBD"
        "b");
  // Protected cells are unchanged.
  for (const char* cell : {"=1", "@a;=b", "+x"}) CHECK(csv_cell(csv_cell(cell)) == csv_cell(cell));
}

TEST_CASE("Spaces at the ends of a cell are quoted") {
  CHECK(csv_cell(" a") == "\" a\"");
  CHECK(csv_cell("a ") == "\"a \"");
  CHECK(csv_cell("a b") == "a b");
  CHECK(csv_cell("").empty());
}

TEST_CASE("Numbers and placeholders are unchanged") {
  for (const char* cell : {"-1.25", "+3", "-.5", "-1e-05", "-", "+", "=", "-0.3 (-0.9 - 0.2)",
                           "-4.1 [-8, 0.5]", "a=b", "x-1", "a; b"}) {
    const std::string written = csv_cell(cell);
    CHECK(cells_of(written + ",end").at(0).at(0) == cell);
  }
}

TEST_CASE("Tables of other encodings, separators and line ends are read") {
  using namespace std::string_literals;
  const std::vector<std::vector<std::string>> wanted{{"a", "b"}, {"ü", "2"}};
  const auto cells = [](const std::string& bytes) {
    std::vector<std::vector<std::string>> all;
    for (const auto& row : parse_table(bytes, "t")) all.push_back(row.cells);
    return all;
  };
  CHECK(cells("a,b\nü,2\n") == wanted);
  CHECK(cells("a;b\r\nü;2\r\n") == wanted);
  CHECK(cells("a\tb\nü\t2") == wanted);
  CHECK(cells("a,b\rü,2\r") == wanted);
  CHECK(cells("\xEF\xBB\xBF"
              "a;b\n\xC3\xBC;2") == wanted);
  CHECK(cells("a,b\n\xFC,2\n") == wanted);
  CHECK(cells("sep=;\r\na;b\r\nü;2") == wanted);
  CHECK(cells("sep=,\na,b\nü,2") == wanted);
  CHECK(cells("\xFF\xFE"
              "a\0\t\0b\0\r\0\n\0\xFC\0\t\0"
              "2\0"s) == wanted);
  CHECK(cells("\0a\0,\0b\0\n\0\xFC\0,\0"
              "2"s) == wanted);
  CHECK(cells("a,b;c\n") == std::vector<std::vector<std::string>>{{"a", "b;c"}});
  CHECK(cells("\"x\ry\",b\r1,2\r").at(0).at(0) == "x\ry");
  CHECK(parse_table("a\rb\r", "t").at(1).line == 2);
  for (const std::string& bytes : {"PK\x03\x04\0\0"s, "\xD0\xCF\x11\xE0\0"s, "a\0\0\0"s}) {
    try {
      parse_table(bytes, "t.csv");
      FAIL("expected an error");
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::usage);
      CHECK(std::string(error.what()).starts_with("t.csv: expected a CSV, saved as text in UTF-8"));
    }
  }
}
