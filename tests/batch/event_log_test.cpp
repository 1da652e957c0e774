#include "spine/batch/event_log.h"

#include <fstream>
#include <string>

#include "support/catch.h"
#include "support/temp_dir.h"

#include "spine/core/error.h"

using nlohmann::json;
using spine::batch::EventLog;

TEST_CASE("Events are appended as one JSON object per line") {
  const spine::test::TempDir folder;
  const auto file = folder / "log.jsonl";
  for (int run = 0; run < 2; ++run) {
    EventLog log(file);
    log.write("study", {{"study", "a\nb"}, {"run", run}});
    CHECK_FALSE(log.failed());
  }
  std::ifstream stream(file);
  std::string line;
  for (int run = 0; run < 2; ++run) {
    REQUIRE(std::getline(stream, line));
    const json event = json::parse(line);
    CHECK(event.at("event") == "study");
    CHECK(event.at("run") == run);
    CHECK(event.at("time").get<std::string>().size() == 20);
  }
  CHECK_FALSE(std::getline(stream, line));
}

TEST_CASE("Invalid UTF-8 does not end a batch") {
  const spine::test::TempDir folder;
  EventLog log(folder / "log.jsonl");
  log.write("study", {{"path", "caf\xe9.png"}});
  CHECK_FALSE(log.failed());
}

TEST_CASE("A log that cannot be opened is an error; no log is not") {
  const spine::test::TempDir folder;
  CHECK_THROWS_AS(EventLog(folder / "no" / "log.jsonl"), spine::Error);
  EventLog none{std::filesystem::path()};
  none.write("study", {});
  CHECK_FALSE(none.failed());
}

TEST_CASE("A log on a full disk reports failure") {
  if (!std::filesystem::exists("/dev/full")) return;
  EventLog log("/dev/full");
  log.write("study", {});
  CHECK(log.failed());
}
