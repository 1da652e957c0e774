#include "spine/review/export.h"

#include "review/readings.h"
#include "review/results_folder.h"
#include "support/catch.h"
#include "support/near.h"
#include "support/temp_dir.h"

#include "spine/core/error.h"
#include "spine/review/machine_result.h"
#include "spine/review/review_file.h"
#include "spine/util/atomic_file.h"
#include "spine/util/csv.h"

using namespace spine;
using namespace spine::review;
using namespace spine::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

/// The cell of a study in a table.
std::string cell(const fs::path& table, const std::string& study, const std::string& column) {
  const auto rows = read_csv(table, "test");
  const auto c = column_index(rows.front(), {column}, "test");
  for (const auto& row : rows) {
    if (row.cells[0] == study) return row.cells[c];
  }
  return "no such study";
}

}  // namespace

TEST_CASE("exported tables say what readers did, and are the machine's elsewhere") {
  const TempDir dir;
  const fs::path out = dir / "out", csv = dir / "reviewed.csv";
  write_results(out, 4);
  act(out / "s1", move_s1(out / "s1"));
  act(out / "s1", verdict(Action::approve));
  act(out / "s2", verdict(Action::reject, "blurred"), "CD");
  const auto counts = export_reviewed(Cohort(out), csv, [](const std::string& p) { FAIL(p); });
  CHECK(counts.studies == 5);
  CHECK(counts.approved == 1);
  CHECK(counts.rejected == 1);
  CHECK(counts.edited == 1);
  CHECK(cell(csv, "s0", "source") == "machine");
  CHECK(cell(csv, "s0", "SS") == cell(out / "measurements.csv", "s0", "SS"));
  CHECK(cell(csv, "s1", "source") == "reader");
  CHECK(cell(csv, "s1", "reader") == "AB");
  CHECK(cell(csv, "s1", "verdict") == "approved");
  CHECK(cell(csv, "s1", "edited") == "S1.sup");
  CHECK(cell(csv, "s2", "verdict") == "rejected");
  CHECK(cell(csv, "s2", "SS") == cell(out / "measurements.csv", "s2", "SS"));
  CHECK(cell(csv, "broken", "status") == "unreadable");
  CHECK(fs::exists(dir / "reviewed_long.csv"));
  CHECK_FALSE(fs::exists(dir / "reviewed_raters.csv"));
  // The edited landmarks measure as the table says.
  REQUIRE(fs::exists(out / "s1" / "landmarks_reviewed.json"));
  CHECK_FALSE(fs::exists(out / "s2" / "landmarks_reviewed.json"));
  const auto measured = measure(read_landmarks(out / "s1" / "landmarks_reviewed.json"),
                                with(true_spacing(random_spine(21))));
  CHECK(*number_in(cell(csv, "s1", "SS")) == near(*measured.find("SS")->value, 1e-3));
  CHECK(cell(csv, "s1", "SS") != cell(out / "measurements.csv", "s1", "SS"));
}

TEST_CASE("what an edit leaves missing is said as in the machine's table") {
  const TempDir dir;
  const fs::path out = dir / "out";
  write_results(out, 1);
  Event remove;
  remove.changes = {{"vertebrae.L3",
                     read_machine_result(out / "s0", "s0").landmarks["vertebrae"]["L3"], nullptr}};
  act(out / "s0", remove);
  export_reviewed(Cohort(out), dir / "r.csv", [](const std::string&) {});
  CHECK(cell(dir / "r.csv", "s0", "status") == "missing");
  CHECK(cell(dir / "r.csv", "s0", "error") == "missing: L3");
}

TEST_CASE("landmarks of an edit that was taken back are removed by the next export") {
  const TempDir dir;
  const fs::path out = dir / "out";
  write_results(out, 1);
  act(out / "s0", move_s1(out / "s0"));
  const auto ignore = [](const std::string&) {};
  export_reviewed(Cohort(out), dir / "r.csv", ignore);
  CHECK(fs::exists(out / "s0" / "landmarks_reviewed.json"));
  act(out / "s0", verdict(Action::undo));
  export_reviewed(Cohort(out), dir / "r.csv", ignore);
  CHECK_FALSE(fs::exists(out / "s0" / "landmarks_reviewed.json"));
  CHECK(cell(dir / "r.csv", "s0", "source") == "machine");
}

TEST_CASE("blind readings become a table of raters and change no other table") {
  const TempDir dir;
  const fs::path out = dir / "out";
  write_results(out, 1);
  Event place;
  place.session = 2;
  place.changes = {{"S1", nullptr, read_machine_result(out / "s0", "s0").landmarks["S1"]}};
  act(out / "s0", place);
  const auto counts = export_reviewed(Cohort(out), dir / "r.csv", [](const std::string&) {});
  CHECK(counts.readings == 1);
  CHECK(cell(dir / "r.csv", "s0", "source") == "machine");
  const auto rows = read_csv(dir / "r_raters.csv", "test");
  CHECK(rows.at(0).cells ==
        std::vector<std::string>{"case", "rater", "session", "parameter", "value"});
  REQUIRE(rows.size() == 2);
  CHECK(rows[1].cells[1] == "AB");
  CHECK(rows[1].cells[2] == "2");
  CHECK(rows[1].cells[3] == "SS");
  CHECK(*number_in(rows[1].cells[4]) ==
        near(*number_in(cell(out / "measurements.csv", "s0", "SS")), 2e-3));
}

TEST_CASE("a study that cannot be read is a row with the reason") {
  const TempDir dir;
  const fs::path out = dir / "out";
  write_results(out, 2);
  write_file_atomically(out / "s1" / "measurements.json", std::string_view("{"));
  std::vector<std::string> problems;
  export_reviewed(Cohort(out), dir / "r.csv", [&](const std::string& p) { problems.push_back(p); });
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].find(dir.path().string()) == std::string::npos);
  CHECK(cell(dir / "r.csv", "s1", "error").find(dir.path().string()) == std::string::npos);
  CHECK(cell(dir / "r.csv", "s1", "status") == "unreadable");
  CHECK(cell(dir / "r.csv", "s0", "status") == "ok");
}
