#include "spine/eval/text_table.h"

#include "support/catch.h"

#include "spine/core/error.h"

using namespace spine;

TEST_CASE("numbers have fixed decimals and may be missing") {
  CHECK(format_number(1.23456, 2) == "1.23");
  CHECK(format_number(-0.5, 0) == "-0");
  CHECK(format_number(std::nullopt, 3).empty());
}

TEST_CASE("a table is written as Markdown and as CSV") {
  TextTable table({"name", "value"});
  table.add({"a,b", "say \"x\""});
  table.add({"c", ""});
  CHECK(table.to_csv() == "name,value\n\"a,b\",\"say \"\"x\"\"\"\nc,\n");
  CHECK(table.to_markdown() ==
        "| name | value   |\n|------|---------|\n| a,b  | say \"x\" |\n| c    |         |\n");
}

TEST_CASE("column widths count characters, not bytes") {
  TextTable table({"who", "cases"});
  table.add({"A – B", "5"});
  CHECK(table.to_markdown() == "| who   | cases |\n|-------|-------|\n| A – B | 5     |\n");
}

TEST_CASE("a row of another length is rejected") {
  TextTable table({"a", "b"});
  CHECK_THROWS_AS(table.add({"1"}), Error);
}

TEST_CASE("A table is written as LaTeX, with escaped special characters") {
  TextTable table({"name", "in 90 %"});
  table.add({"disc_height", "1 & 2"});
  CHECK(table.to_latex() ==
        "\\begin{tabular}{lr}\n\\toprule\nname & in 90 \\% \\\\\n\\midrule\n"
        "disc\\_height & 1 \\& 2 \\\\\n\\bottomrule\n\\end{tabular}\n");
}

TEST_CASE("tables are UTF-8, and the CSV contains no formulas") {
  TextTable table({"site", "bias"});
  table.add({"M\xFCller", "-1.25"});
  table.add({"=1+1", "-0.3 (-0.9, 0.2)"});
  CHECK(table.to_csv() == "site,bias\nMüller,-1.25\n'=1+1,\"-0.3 (-0.9, 0.2)\"\n");
  CHECK(table.to_markdown().find("Müller") != std::string::npos);
}
