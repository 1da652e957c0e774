#include "spine/eval/retest.h"

#include <fstream>

#include "support/catch.h"
#include "support/temp_dir.h"
#include "support/throws.h"
#include <nlohmann/json.hpp>

#include "spine/core/error.h"
#include "spine/core/landmarks.h"
#include "spine/io/landmarks_io.h"

using namespace spine;
using namespace spine::test;
namespace fs = std::filesystem;

namespace {

void write_study(const fs::path& study, const std::map<std::string, double>& values,
                 Side anterior = Side::left) {
  fs::create_directories(study);
  nlohmann::json json{{"measurements", nlohmann::json::object()}};
  for (const auto& [name, value] : values) {
    json["measurements"][name] = {{"value", value}, {"unit", "deg"}, {"status", "ok"}};
  }
  std::ofstream(study / "measurements.json") << json;
  Landmarks landmarks;
  landmarks.size = {100, 100};
  landmarks.anterior = anterior;
  write_landmarks(study / "landmarks.json", landmarks);
}

}  // namespace

TEST_CASE("variants of a film are studies with the same name before the tilde") {
  const TempDir dir;
  write_study(dir / "a~plain", {{"SS", 40}, {"LL", 50}});
  write_study(dir / "a~mirror", {{"SS", 41}, {"LL", 50}});
  write_study(dir / "a~small", {{"SS", 42}});
  write_study(dir / "b~plain", {{"SS", 30}, {"LL", 20}});
  write_study(dir / "b~small", {{"SS", 35}, {"LL", 20}});
  write_study(dir / "alone", {{"SS", 35}});
  const auto films = compare_variants(dir.path());
  REQUIRE(films.size() == 2);
  CHECK(films[0].film == "a");
  CHECK(films[0].variants == 3);
  CHECK(films[0].complete == 2);
  CHECK_FALSE(films[0].deviation_deg[0]);  // PT
  CHECK(films[0].deviation_deg[1] == Approx(1));
  CHECK_FALSE(films[0].deviation_deg[3]);  // two values of LL
  CHECK_FALSE(films[1].deviation_deg[1]);
  CHECK(contains(to_markdown(films), "SS and LL measured on 4 of 5 variants of 2 films."));
  CHECK(contains(to_markdown(films), "of SS within a film: median 1.00 deg"));
  CHECK_FALSE(any_unreadable(films));
}

TEST_CASE("a table names films and corrects for turned images") {
  const auto side = GENERATE(Side::left, Side::right);
  const double s = side == Side::left ? 1 : -1;
  const TempDir dir;
  write_study(dir / "1", {{"SS", 40}, {"PT", 10}, {"LL", 50}}, side);
  write_study(dir / "2", {{"SS", 40}, {"PT", 10}, {"LL", 50}}, side);
  write_study(dir / "3", {{"SS", 40 + 3 * s}, {"PT", 10 - 3 * s}, {"LL", 50}}, side);
  std::ofstream(dir / "t.csv") << "study,film,turn_deg\n1,x,0\n2,x,\n3,x,3.0\nabsent,x,0\n";
  const auto films = compare_variants(dir.path(), dir / "t.csv");
  REQUIRE(films.size() == 1);
  CHECK(films[0].variants == 3);
  CHECK(*films[0].deviation_deg[0] < 1e-9);
  CHECK(*films[0].deviation_deg[1] < 1e-9);
  CHECK(*films[0].deviation_deg[3] < 1e-9);
  std::ofstream(dir / "t.csv") << "study,film,turn_deg\n1,x,0\n2,x,much\n";
  const std::string message =
      message_of(ErrorKind::unreadable, [&] { compare_variants(dir.path(), dir / "t.csv"); });
  CHECK(contains(message, "turn_deg: expected degrees, got \"much\""));
}

TEST_CASE("a damaged variant is named and the others count") {
  const TempDir dir;
  for (const char* name : {"a~1", "a~2", "a~3"}) write_study(dir / name, {{"SS", 40}, {"LL", 50}});
  write_study(dir / "a~4", {});
  std::ofstream(dir / "a~4" / "measurements.json") << "{";
  const auto films = compare_variants(dir.path());
  CHECK(films[0].variants == 4);
  CHECK(films[0].complete == 3);
  CHECK_FALSE(films[0].error.empty());
  CHECK(any_unreadable(films));
  CHECK(films[0].deviation_deg[1]);
}

TEST_CASE("a folder without variants is an error") {
  const TempDir dir;
  write_study(dir / "a", {{"SS", 40}});
  const std::string message =
      message_of(ErrorKind::not_found, [&] { compare_variants(dir.path()); });
  CHECK(contains(message, "<film>~<variant>"));
}
