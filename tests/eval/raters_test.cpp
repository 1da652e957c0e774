#include "spine/eval/raters.h"

#include <fstream>

#include "support/catch.h"
#include "support/temp_dir.h"
#include "support/throws.h"

#include "spine/core/error.h"

using namespace spine;
using test::contains;

namespace {

std::string readings_error(const std::string& text) {
  const test::TempDir folder;
  std::ofstream(folder / "r.csv") << text;
  try {
    read_readings(folder / "r.csv");
  } catch (const Error& error) {
    CHECK((error.kind() == ErrorKind::unreadable || error.kind() == ErrorKind::usage));
    return error.what();
  }
  return "";
}

/// Six cases, as Shrout & Fleiss 1979, table 2; the fourth judge omits one.
std::vector<Reading> readings() {
  const double values[6][4] = {{9, 2, 5, 8}, {6, 1, 3, 2},  {8, 4, 6, 8},
                               {7, 1, 2, 6}, {10, 5, 6, 9}, {6, 2, 4, 7}};
  std::vector<Reading> all;
  for (int i = 0; i < 6; ++i) {
    for (int j = 0; j < 4; ++j) {
      if (i == 5 && j == 3) continue;
      all.push_back({"case" + std::to_string(i), std::string(1, static_cast<char>('A' + j)), "1",
                     "SS", values[i][j]});
    }
  }
  return all;
}

const RaterAgreement& row_of(const std::vector<RaterAgreement>& rows, std::string_view who) {
  for (const auto& row : rows) {
    if (row.who == who) return row;
  }
  FAIL("no row " << std::string(who));
  return rows.front();
}

}  // namespace

TEST_CASE("Readings are read in any order of columns; empty values are ignored") {
  const test::TempDir folder;
  std::ofstream(folder / "r.csv")
      << "rater,case,value,parameter,session\nA,f1,12.5,PT,1\nB,f1,,PT,1\n"
         "B,f2,-3,SS,2\n";
  const auto all = read_readings(folder / "r.csv");
  REQUIRE(all.size() == 2);
  CHECK(all[0].study == "f1");
  CHECK(all[0].value == 12.5);
  CHECK(all[1].session == "2");
  CHECK(all[1].parameter == "SS");
}

TEST_CASE("Invalid readings are reported by line") {
  const std::string header = "case,rater,session,parameter,value\n";
  CHECK(contains(readings_error(header + "f1,A,1,PT,twelve\n"),
                 "line 2: expected a number as value, found \"twelve\""));
  CHECK(contains(readings_error(header + "f1,A,1,PT,nan\n"), "\"nan\""));
  CHECK(contains(readings_error(header + "f1,A,1,PT,1\nf1,A,1,PT,2\n"), "line 3: case f1"));
  CHECK(contains(readings_error(header + "f1,A\n"), "expected 5 cells, found 2"));
  CHECK(contains(readings_error("case,rater,parameter,value\n"), "expected a column session"));
  CHECK(!readings_error("").empty());
  CHECK_THROWS_AS(read_readings("/nowhere/r.csv"), Error);
}

TEST_CASE("Raters are compared in pairs and together on common cases") {
  const auto rows = compare_raters(readings());
  REQUIRE(rows.size() == 7);
  const auto& pair = row_of(rows, "A – B");
  CHECK(pair.cases == 6);
  REQUIRE(pair.difference);
  CHECK(pair.difference->bias.value == Approx(-31.0 / 6));
  CHECK(row_of(rows, "A – D").cases == 5);
  const auto& all = row_of(rows, "all 4 raters");
  CHECK(all.cases == 5);
  REQUIRE(all.agreement);
  CHECK(all.agreement->raters == 4);
  CHECK(!all.pearson);
}

TEST_CASE("Sessions of a rater are compared with each other, their mean with other raters") {
  std::vector<Reading> all;
  for (int i = 0; i < 8; ++i) {
    const std::string name(1, static_cast<char>('a' + i));
    all.push_back({name, "A", "1", "LL", 40.0 + i});
    all.push_back({name, "A", "2", "LL", 42.0 + i});
    all.push_back({name, "B", "1", "LL", 41.0 + i});
  }
  const auto rows = compare_raters(all);
  REQUIRE(rows.size() == 2);
  const auto& means = row_of(rows, "A – B, means of sessions");
  CHECK(means.difference->bias.value == Approx(0).margin(1e-9));
  const auto& sessions = row_of(rows, "A, sessions 1 – 2");
  CHECK(sessions.difference->bias.value == Approx(2));
  CHECK(sessions.agreement->icc_3_1.value == Approx(1));
  CHECK(sessions.agreement->icc_2_1.value < 0.9);
}

TEST_CASE("A method is compared with the mean of the raters") {
  const test::TempDir folder;
  std::filesystem::create_directories(folder / "f1");
  std::ofstream(folder.path() / "f1" / "measurements.json")
      << R"({"schema": "spine-measurements/2", "measurements":
            {"SS": {"value": 41.0, "unit": "deg", "status": "ok"},
             "disc_height_L4_L5_mean": {"value": 52.0, "unit": "px", "status": "ok"}}})";
  const auto evaluation =
      evaluate_against_raters(folder.path(), {{"f1", "A", "1", "SS", 37},
                                              {"f1", "A", "2", "SS", 39},
                                              {"f1", "B", "1", "SS", 42},
                                              {"f2", "A", "1", "SS", 30},
                                              {"f1", "A", "1", "disc_height_L4_L5_mean", 9}});
  REQUIRE(evaluation.metrics.size() == 2);
  CHECK(evaluation.metrics[1].stats.completed == 0);
  REQUIRE(evaluation.studies.size() == 2);
  CHECK(evaluation.studies[1].error == kNoPrediction);
  CHECK(evaluation.metrics[0].unit == "deg");
  CHECK(evaluation.metrics[0].stats.count == 2);
  CHECK(evaluation.metrics[0].stats.completed == 1);
  CHECK(evaluation.metrics[0].stats.bias == Approx(1));
  CHECK_THROWS_AS(evaluate_against_raters(folder / "nowhere", {}), Error);
}

TEST_CASE("Too few cases are reported") {
  const auto rows = compare_raters({{"f1", "A", "1", "PT", 1}, {"f1", "B", "1", "PT", 2}});
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].cases == 1);
  CHECK(contains(raters_table(rows).to_markdown(), "not enough cases"));
  CHECK(compare_raters({}).empty());
}
