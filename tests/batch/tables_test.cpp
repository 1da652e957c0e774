#include "spine/batch/tables.h"

#include <fstream>

#include "support/catch.h"
#include "support/temp_dir.h"
#include "support/write_tables.h"

#include "spine/core/error.h"
#include "spine/io/landmarks_io.h"
#include "spine/util/atomic_file.h"
#include "spine/util/json.h"

using namespace spine;
using namespace spine::batch;
using nlohmann::json;

namespace {

Study study_named(const std::string& id) {
  Study study;
  study.id = id;
  study.path = id + ".png";
  study.shown = id + ".png";
  return study;
}

ReportRow row_of(const std::string& id, const std::string& status) {
  return {id, id + ".png", status, status == "ok" ? "" : "why, \"so\"", {}};
}

}  // namespace

TEST_CASE("A record is converted to its row, in the order of the tables") {
  Measurements measurements;
  measurements.values = {{"PI", 51.25, "deg", "ok"},
                         {"PT", 12.5, "deg", "ok"},
                         {"LL", std::nullopt, "deg", "missing: L1"},
                         {"angle_L2.sup_L4.inf", 20.0, "deg", "ok"}};
  measurements.qc = {"one_head"};
  const json record = to_json("s", measurements, FilmInfo{}, json::object());
  const ReportRow row = row_from_record(study_named("s"), record);
  CHECK(row.study == "s");
  CHECK(row.path == "s.png");
  CHECK(row.status == "missing");
  CHECK(row.error == "missing: L1");
  CHECK(row.measurements.qc == measurements.qc);
  std::vector<std::string> names;
  for (const auto& m : row.measurements.values) names.push_back(m.name);
  CHECK(names == std::vector<std::string>{"PI", "PT", "LL", "angle_L2.sup_L4.inf"});
  CHECK(row.measurements.find("PI")->value == 51.25);
  CHECK_FALSE(row.measurements.find("LL")->value.has_value());
}

TEST_CASE("A row lists each missing structure once") {
  Measurements measurements;
  measurements.values = {{"PI", std::nullopt, "deg", "missing: S1, femoral heads"},
                         {"SS", std::nullopt, "deg", "missing: S1"},
                         {"LL", std::nullopt, "deg", "missing: L1, S1"},
                         {"LDI", std::nullopt, "%", "LL is too small"}};
  const json record = to_json("s", measurements, FilmInfo{}, json::object());
  CHECK(row_from_record(study_named("s"), record).error ==
        "missing: L1, S1, femoral heads; LL is too small");
}

TEST_CASE("A row lists structures outside the film, which is not a failure") {
  Measurements measurements;
  measurements.values = {{"PT", std::nullopt, "deg", kNotInFilm},
                         {"SS", 40.0, "deg", "ok"},
                         {"LL", std::nullopt, "deg", kNotInFilm}};
  measurements.not_in_film = {"L1", "femoral heads"};
  json record = to_json("s", measurements, FilmInfo{}, json::object());
  ReportRow row = row_from_record(study_named("s"), record);
  CHECK(row.status == "ok");
  CHECK(row.error == "not in film: L1, femoral heads");
  CHECK(row.measurements.not_in_film == measurements.not_in_film);
  measurements.values.push_back({"wedge_L3", std::nullopt, "deg", "missing: L3"});
  measurements.values.push_back({"LDI", std::nullopt, "%", "LL under 1 deg"});
  record = to_json("s", measurements, FilmInfo{}, json::object());
  row = row_from_record(study_named("s"), record);
  CHECK(row.status == "missing");
  CHECK(row.error == "missing: L3; not in film: L1, femoral heads; LL under 1 deg");
}

TEST_CASE("The status of a record without missing values is ok") {
  Measurements measurements;
  measurements.values = {{"PI", 51.25, "deg", "ok"}};
  const json record = to_json("s", measurements, FilmInfo{}, json::object());
  CHECK(row_from_record(study_named("s"), record).status == "ok");
}

TEST_CASE("Each shard has its own tables") {
  CHECK(RunFiles("out", {1, 1}).table == "out/measurements.csv");
  CHECK(RunFiles("out", {2, 3}).table == "out/measurements.shard-2-of-3.csv");
  CHECK(RunFiles("out", {2, 3}).record == "out/run.shard-2-of-3.json");
}

TEST_CASE("Earlier failures are kept, earlier results are not dropped without force") {
  const test::TempDir temp;
  const RunFiles files(temp.path(), {});
  const std::vector<Study> studies{study_named("a"), study_named("b")};
  CHECK(read_earlier_rows(files, studies, false).others.empty());

  test::write_table(files.table, {row_of("a", "ok"), row_of("broken", "unreadable")});
  for (const bool force : {false, true}) {
    const auto kept = read_earlier_rows(files, studies, force).others;
    REQUIRE(kept.size() == 1);
    CHECK(kept[0].study == "broken");
    CHECK(kept[0].path == "broken.png");
    CHECK(kept[0].status == "unreadable");
    CHECK(kept[0].error == "why, \"so\"");
  }

  test::write_table(files.table, {row_of("c", "ok")});
  CHECK_THROWS_AS(read_earlier_rows(files, studies, false), Error);
  CHECK(read_earlier_rows(files, studies, true).others.empty());  // its folder does not exist
  std::filesystem::create_directory(temp / "c");
  const bool add = true;
  CHECK(read_earlier_rows(files, studies, false, add).others.size() == 1);
}

TEST_CASE("Values of earlier results come from their folders") {
  const test::TempDir temp;
  const RunFiles files(temp.path(), {});
  Measurements measurements;
  measurements.values = {{"PI", 51.25, "deg", "ok"}};
  for (const char* id : {"a", "c"}) {
    std::filesystem::create_directory(temp / id);
    write_json(temp / id / "measurements.json",
               to_json(id, measurements, FilmInfo{}, json::object()));
  }
  test::write_table(files.table,
                    {row_of("a", "ok"), row_of("b", "no_spine"), row_of("c", "missing")});
  const std::vector<Study> studies{study_named("a"), study_named("b")};
  const EarlierRows earlier = read_earlier_rows(files, studies, true);
  REQUIRE(earlier.results.size() == 1);
  const auto value_of = [&](const ReportRow& row) {
    return with_values(row, temp.path(), "measurements.json").measurements.find("PI")->value;
  };
  CHECK(value_of(earlier.results.at("a")) == 51.25);
  REQUIRE(earlier.others.size() == 1);
  CHECK(earlier.others[0].study == "c");
  CHECK(earlier.others[0].status == "missing");
  CHECK(value_of(earlier.others[0]) == 51.25);
}

TEST_CASE("Run files of unknown origin are not replaced") {
  const test::TempDir temp;
  const RunFiles files(temp.path(), {});
  for (const auto& table : {files.table, files.long_table}) {
    std::ofstream(table) << "my,own,table\n1,2,3\n";
    CHECK_THROWS_AS(read_earlier_rows(files, {}, false), Error);
    CHECK(read_earlier_rows(files, {}, true).others.empty());
    std::filesystem::remove(table);
  }
  for (const char* text : {"{}", "[]", "not json"}) {
    std::ofstream(files.record) << text;
    CHECK_THROWS_AS(read_earlier_rows(files, {}, false), Error);
  }
  write_json(files.record, {{"schema", "spine-run/2"}});
  test::write_table(files.table, {row_of("x", "no_spine")});
  test::write_long_table(files.long_table, {row_of("x", "no_spine")});
  CHECK(read_earlier_rows(files, {}, false).others.size() == 1);
}

TEST_CASE("Truncated run files are reported and do not refuse the run") {
  const test::TempDir temp;
  const RunFiles files(temp.path(), {});
  write_json(files.record, {{"schema", "spine-run/2"}, {"command", "spine-test"}});
  test::write_table(files.table, {row_of("x", "no_spine"), row_of("y", "unreadable")});
  test::write_long_table(files.long_table, {row_of("x", "no_spine")});
  CHECK(read_earlier_rows(files, {}, false).cut_off.empty());

  for (const auto& file : {files.record, files.table, files.long_table}) {
    const std::string whole = read_file(file);
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{12}}) {
      for (const char* tail : {"", "zeros"}) {
        INFO(file << " of " << size << " bytes, " << tail);
        const std::string left =
            whole.substr(0, size) + std::string(*tail == 'z' ? whole.size() - size : 0, '\0');
        write_file_atomically(file, std::string_view(left));
        const EarlierRows earlier = read_earlier_rows(files, {}, false);
        REQUIRE(earlier.cut_off.size() == 1);
        CHECK(earlier.cut_off[0].find(file.string() + ": was cut off") != std::string::npos);
        CHECK(earlier.others.size() == (file == files.table ? 0 : 2));
      }
    }
    write_file_atomically(file, std::string_view(whole));
  }
}

TEST_CASE("Rows of a truncated table before the truncation are kept") {
  const test::TempDir temp;
  const RunFiles files(temp.path(), {});
  test::write_table(files.table, {row_of("x", "no_spine"), row_of("y", "unreadable")});
  const std::string whole = read_file(files.table);
  const std::size_t second = whole.rfind("\ny,") + 1;
  for (const std::string& left : {whole.substr(0, second + 1), whole.substr(0, second + 9),
                                  whole.substr(0, second) + std::string(700, '\0'),
                                  whole.substr(0, second + 3) + std::string(7, '\0')}) {
    write_file_atomically(files.table, std::string_view(left));
    const EarlierRows earlier = read_earlier_rows(files, {}, false);
    CHECK(earlier.cut_off.size() == 1);
    REQUIRE(earlier.others.size() == 1);
    CHECK(earlier.others[0].study == "x");
    CHECK_THROWS_AS(read_rows(files.table), Error);
  }
}

TEST_CASE("Truncated tables are reported wherever they end") {
  const test::TempDir temp;
  const RunFiles files(temp.path(), {});
  test::write_table(files.table, {row_of("x", "no_spine"), row_of("y", "unreadable")});
  test::write_long_table(files.long_table, {row_of("x", "no_spine"), row_of("y", "unreadable")});
  write_json(files.record, {{"schema", "spine-run/2"}, {"tables_sha256", table_hashes(files)}});
  for (const bool force : {false, true}) {
    CHECK(read_earlier_rows(files, {}, force).cut_off.empty());
    for (const auto& file : {files.table, files.long_table}) {
      const std::string whole = read_file(file);
      const std::size_t last_line = whole.rfind('\n', whole.size() - 2) + 1;
      for (const std::size_t size : {last_line, last_line + 1, whole.size() - 1}) {
        INFO(file << " of " << size << " bytes");
        write_file_atomically(file, std::string_view(whole).substr(0, size));
        const EarlierRows earlier = read_earlier_rows(files, {}, force);
        REQUIRE(earlier.cut_off.size() == 1);
        const bool at_line = size == last_line;
        CHECK(
            earlier.cut_off[0].find(file.string() + (at_line ? ": is not as" : ": was cut off")) !=
            std::string::npos);
      }
      write_file_atomically(file, std::string_view(whole));
    }
  }
}

TEST_CASE("A malformed row is reported by line") {
  const test::TempDir temp;
  const RunFiles files(temp.path(), {});
  test::write_table(files.table, {row_of("x", "no_spine"), row_of("y", "unreadable")});
  std::string text = read_file(files.table);
  text.insert(text.rfind("\ny,") + 1, "z,only three,cells\n");
  write_file_atomically(files.table, std::string_view(text));
  try {
    (void)read_earlier_rows(files, {}, false);
    FAIL("a malformed row was taken");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::usage);
    CHECK(std::string(error.what()).find("line 3: expected ") != std::string::npos);
    CHECK(std::string(error.what()).find(" cells, got 3") != std::string::npos);
  }
  const EarlierRows forced = read_earlier_rows(files, {}, true);
  CHECK(forced.others.size() == 2);
  CHECK(forced.cut_off.size() == 1);
  CHECK_THROWS_AS(read_rows(files.table), Error);
}

TEST_CASE("A row reports a damaged or missing record") {
  const test::TempDir temp;
  const auto row_with = [&](const char* text) {
    std::filesystem::create_directory(temp / "a");
    if (text != nullptr) std::ofstream(temp / "a" / "measurements.json") << text;
    return with_values(row_of("a", "ok"), temp.path(), "measurements.json");
  };
  CHECK(row_with(nullptr).status == "not_found");
  for (const char* text : {"", "{\n  \"meas", "[]", R"({"measurements": 3})",
                           R"({"measurements": {"PI": {"value": 1, "standard_error": null}}})"}) {
    INFO(text);
    const ReportRow row = row_with(text);
    CHECK(row.status == "unreadable");
    CHECK(row.error.find("measurements.json") != std::string::npos);
    CHECK(row.error.find(temp.path().string()) == std::string::npos);
    CHECK(row.measurements.values.empty());
  }
  std::filesystem::remove(temp / "a" / "measurements.json");
  std::ofstream(temp / "a" / "segmentation.json") << "{}";
  CHECK(with_values(row_of("a", "ok"), temp.path(), "measurements.json").status == "ok");
  CHECK(with_values(row_of("b", "no_spine"), temp.path(), "measurements.json").status ==
        "no_spine");
}

TEST_CASE("The summary is aligned and includes failures") {
  ReportRow good = row_of("case-one", "ok");
  good.measurements.values = {{"PT", 12.34, "deg", "ok"}, {"LL", -7.0, "deg", "ok"}};
  CohortSummary summary;
  summary.add(good);
  summary.add(row_of("x", "no_spine"));
  CHECK(summary.text() ==
        "study     PT/deg  SS/deg  PI/deg  LL/deg  PI_LL/deg  status\n"
        "case-one    12.3       -       -    -7.0          -  ok\n"
        "x              -       -       -       -          -  no_spine\n");
}
