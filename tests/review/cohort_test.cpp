#include "spine/review/cohort.h"

#include <fstream>

#include "support/catch.h"
#include "support/temp_dir.h"
#include "support/throws.h"

#include "spine/core/error.h"

using namespace spine;
using namespace spine::review;
using namespace spine::test;
namespace fs = std::filesystem;

namespace {

const std::string kHeader = "study,path,status,error,qc,length_unit,PI,PT,SS,LL\n";

void write(const fs::path& file, const std::string& text) { std::ofstream(file) << text; }

}  // namespace

TEST_CASE("studies with missing values and most reasons for review come first") {
  const TempDir dir;
  write(dir / "run.json", "{}");
  write(dir / "measurements.csv", kHeader +
                                      "sure,sure.png,ok,,implant,mm,50,10,40,55.5\n"
                                      "broken,broken.png,unreadable,\"cut off, early\",,,,,,\n"
                                      "two,two.png,review,,order;level_gap,px,50,10,40,55\n"
                                      "chest,chest.dcm,excluded,a chest,,,,,,\n"
                                      "one,one.png,review,,order;one_head,mm,50,10,40,55\n"
                                      "lacking,l.png,missing,missing: L1,,mm,50,10,40,\n");
  const Cohort cohort(dir.path());
  std::vector<std::string> ids;
  const auto studies = *cohort.studies();
  for (const auto& study : studies) ids.push_back(study.id);
  CHECK(ids == std::vector<std::string>{"lacking", "two", "one", "sure", "broken", "chest"});
  CHECK(cohort.index_of("one") == std::size_t{2});
  CHECK_FALSE(cohort.index_of("other"));
  const auto& sure = studies[3];
  CHECK(*sure.ll == 55.5);
  CHECK(sure.has_results());
  CHECK_FALSE(studies[0].ll);
  CHECK(studies[4].error == "cut off, early");
  CHECK_FALSE(studies[4].has_results());
  CHECK(cohort.folder_of(sure) == dir / "sure");
}

TEST_CASE("the tables of shards are one list") {
  const TempDir dir;
  for (const char* shard : {"1", "2"}) {
    const std::string name = "shard-" + std::string(shard) + "-of-2";
    write(dir / ("run." + name + ".json"), "{}");
    write(dir / ("measurements." + name + ".csv"),
          kHeader + "s" + shard + ",s.png,ok,,,mm,50,10,40,55\n");
  }
  CHECK(Cohort(dir.path()).studies()->size() == 2);
}

TEST_CASE("studies that are measured meanwhile come last, and no position changes") {
  const TempDir dir;
  write(dir / "run.json", "{}");
  write(dir / "measurements.csv", kHeader +
                                      "b,b.png,interrupted,,,mm,,,,\n"
                                      "a,a.png,ok,,,mm,50,10,40,55\n");
  Cohort cohort(dir.path());
  const auto before = cohort.studies();
  const Cohort same = cohort;
  cohort.put({{"c", "c.png", "review", "", {"order"}, 1, 2, 3, 4},
              {"b", "b.png", "ok", "", {}, 1, 2, 3, 4}});
  CHECK(before->size() == 2);
  const auto after = same.studies();
  REQUIRE(after->size() == 3);
  CHECK(after->at(0).id == "a");
  CHECK(after->at(1).id == "b");
  CHECK(after->at(1).status == "ok");
  CHECK(after->at(2).id == "c");
  CHECK(cohort.changes(0) == std::vector<std::size_t>{2, 1});
  CHECK(cohort.changes(1) == std::vector<std::size_t>{1});
  CHECK(cohort.changes(9).empty());
}

TEST_CASE("a folder without results is empty only where that is allowed") {
  const TempDir dir;
  CHECK(Cohort::or_empty(dir.path()).studies()->empty());
  CHECK(Cohort::or_empty(dir / "nowhere").studies()->empty());
}

TEST_CASE("a folder without results is named") {
  const TempDir dir;
  CHECK(contains(message_of(ErrorKind::not_found, [&] { Cohort{dir.path()}; }), "run.json"));
  write(dir / "run.json", "{}");
  CHECK(
      contains(message_of(ErrorKind::not_found, [&] { Cohort{dir.path()}; }), "measurements.csv"));
  write(dir / "measurements.csv", kHeader + "sure,sure.png,ok,,,mm,50,10,40,5");
  CHECK(contains(message_of(ErrorKind::unreadable, [&] { Cohort{dir.path()}; }), "cut off"));
  write(dir / "measurements.csv", kHeader + "sure,sure.png\n");
  CHECK(contains(message_of(ErrorKind::unreadable, [&] { Cohort{dir.path()}; }), "line 2"));
}
