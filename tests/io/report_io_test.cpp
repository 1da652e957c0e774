#include "spine/io/report_io.h"

#include <limits>

#include "support/catch.h"
#include "support/temp_dir.h"
#include "support/throws.h"
#include "support/write_tables.h"
#include <nlohmann/json.hpp>

#include "spine/util/atomic_file.h"

using namespace spine;
using nlohmann::json;

namespace {

Measurements example() {
  Measurements m;
  m.values = {{"PI", 52.12345, "deg", "ok"},
              {"PT", -0.0001, "deg", "ok"},
              {"LL", std::nullopt, "deg", "missing: L1"},
              {"wedge_L3", 2.5, "deg", "ok"},
              {"disc_height_L4_L5_mean", 9.25, "mm", "ok"},
              {"angle_L2.sup_L4.inf", 17.0, "deg", "ok"}};
  m.qc = {"one_head", "pi_mismatch"};
  return m;
}

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) out.push_back(line);
  return out;
}

/// The cell of a simple row (no quotes) under a heading.
std::string cell(const std::vector<std::string>& table, std::size_t row, const std::string& name) {
  const auto split = [](const std::string& line) {
    std::vector<std::string> cells(1);
    for (const char c : line) {
      if (c == ',') {
        cells.emplace_back();
      } else {
        cells.back() += c;
      }
    }
    return cells;
  };
  const auto header = split(table.at(0));
  const auto at = std::find(header.begin(), header.end(), name) - header.begin();
  return split(table.at(row)).at(static_cast<std::size_t>(at));
}

}  // namespace

TEST_CASE("The JSON has every value with unit and status") {
  FilmInfo film;
  film.spacing = Spacing{0.2, 0.15};
  film.spacing_source = SpacingSource::detector_plane;
  film.inverted = true;
  film.notes = {"turned"};
  const json document = to_json("a", example(), film, {{"version", "1"}});
  CHECK(document["schema"] == "spine-measurements/2");
  CHECK(document["study"] == "a");
  CHECK(document["measurements"]["PI"] ==
        json({{"value", 52.123}, {"unit", "deg"}, {"status", "ok"}}));
  CHECK(document["measurements"]["LL"]["value"].is_null());
  CHECK(document["measurements"]["LL"]["status"] == "missing: L1");
  CHECK(document["qc"] == json({"one_head", "pi_mismatch"}));
  CHECK(document["spacing_mm"] == json({0.2, 0.15}));
  CHECK(document["spacing_source"] == "detector_plane");
  CHECK(document["inverted"] == true);
  CHECK(document["notes"] == json({"turned"}));
  CHECK(document["provenance"]["version"] == "1");
  CHECK(to_json("a", {}, {}, {})["spacing_mm"].is_null());
}

TEST_CASE("A value that is not a number is null, never NaN") {
  Measurements m;
  m.values = {{"PI", std::numeric_limits<double>::quiet_NaN(), "deg", "ok"}};
  CHECK(to_json("a", m, {}, {})["measurements"]["PI"]["value"].is_null());
}

TEST_CASE("The table has a row per study, including failures") {
  const test::TempDir dir;
  test::write_table(
      dir / "m.csv",
      {{"a", "in/a.png", "missing", "", example()}, {"b", "in/b.png", "unreadable", "cut", {}}},
      names_beyond_standard(example()));
  const auto table = lines(read_file(dir / "m.csv"));
  REQUIRE(table.size() == 3);
  CHECK(table[0].rfind("study,path,status,error,qc,length_unit,PI,PT,SS,LL,PI_LL", 0) == 0);
  CHECK(cell(table, 1, "study") == "a");
  CHECK(cell(table, 1, "status") == "missing");
  CHECK(cell(table, 1, "qc") == "one_head;pi_mismatch");
  CHECK(cell(table, 1, "PI") == "52.123");
  CHECK(cell(table, 1, "PT") == "0.0");
  CHECK(cell(table, 1, "LL").empty());
  CHECK(cell(table, 1, "disc_height_L4_L5_mean") == "9.25");
  CHECK(cell(table, 1, "angle_L2.sup_L4.inf") == "17.0");
  CHECK(cell(table, 2, "status") == "unreadable");
  CHECK(cell(table, 2, "error") == "cut");
  CHECK(cell(table, 2, "PI").empty());
}

TEST_CASE("Columns are the same if every study failed") {
  const test::TempDir dir;
  test::write_table(dir / "m.csv", {{"b", "b.png", "unreadable", "cut", {}}});
  const auto table = lines(read_file(dir / "m.csv"));
  CHECK(cell(table, 1, "disc_height_L5_S1_posterior").empty());
  CHECK(cell(table, 1, "LDI").empty());
  CHECK(standard_measurement_names().size() == 5 + 5 + 5 + 5 + 20 + 3 + 5 + 5 + 7);
}

TEST_CASE("Cells are quoted by RFC 4180 and a row stays on one line") {
  const test::TempDir dir;
  test::write_table(dir / "m.csv", {{"a", "x,y.png", "internal", "say \"no\"\nnow", {}}});
  const auto table = lines(read_file(dir / "m.csv"));
  REQUIRE(table.size() == 2);
  CHECK(table[1].rfind("a,\"x,y.png\",internal,\"say \"\"no\"\" now\",,", 0) == 0);
}

TEST_CASE("The long table names structure and metric") {
  const test::TempDir dir;
  test::write_long_table(dir / "l.csv", {{"a", "a.png", "missing", "", example()},
                                         {"b", "b.png", "unreadable", "cut short", {}}});
  CHECK(lines(read_file(dir / "l.csv")) ==
        std::vector<std::string>{
            "study,structure,metric,value,unit,status", "a,pelvis,PI,52.123,deg,ok",
            "a,pelvis,PT,0.0,deg,ok", "a,spine,LL,,deg,missing: L1", "a,L3,wedge,2.5,deg,ok",
            "a,L4_L5,disc_height_mean,9.25,mm,ok", "a,spine,angle_L2.sup_L4.inf,17.0,deg,ok",
            "b,,,,,unreadable: cut short"});
}
