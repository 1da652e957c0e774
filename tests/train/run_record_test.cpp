#include "spine/train/run_record.h"

#include "support/catch.h"

using namespace spine::train;

TEST_CASE("A record shortens absolute paths, as it is published") {
  const char* argv[] = {"/home/me/bin/spine-train",   "seg", "--cache",
                        "/secret/place/paths",        "-o",  "runs/a",
                        "--data=/secret/place/films/"};
  const auto record = run_record(7, argv);
  CHECK(record.at("command") == "spine-train seg --cache paths -o runs/a --data=films");
  CHECK(record.at("started").get<std::string>().size() == 10);
}

TEST_CASE("A record names the build, not a checkout") {
  const char* argv[] = {"spine-train", "seg"};
  const auto unknown = run_record(2, argv);
  CHECK(unknown.at("commit") == "unknown");
  CHECK(unknown.at("dirty") == false);
  const std::string hash(40, 'a');
  const auto record = run_record(2, argv, {"0.1.0+aaaaaaa.dirty", hash, true});
  CHECK(record.at("version") == "0.1.0+aaaaaaa.dirty");
  CHECK(record.at("commit") == hash);
  CHECK(record.at("dirty") == true);
}
