#include "spine/train/run_record.h"

#include "support/catch.h"

using namespace spine::train;

TEST_CASE("A record contains command, date and commit") {
  const auto record = run_record("spine-train seg --cache CACHE --output OUT");
  CHECK(record.at("command") == "spine-train seg --cache CACHE --output OUT");
  CHECK(record.at("started").get<std::string>().size() == 10);
}

TEST_CASE("A record names the build, not a checkout") {
  const auto unknown = run_record("spine-train seg");
  CHECK(unknown.at("commit") == "unknown");
  CHECK(unknown.at("dirty") == false);
  const std::string hash(40, 'a');
  const auto record = run_record("spine-train seg", {"0.1.0+aaaaaaa.dirty", hash, true});
  CHECK(record.at("version") == "0.1.0+aaaaaaa.dirty");
  CHECK(record.at("commit") == hash);
  CHECK(record.at("dirty") == true);
}
