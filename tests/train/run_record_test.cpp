#include "spine/train/run_record.h"

#include <fstream>

#include "support/catch.h"
#include "support/temp_dir.h"

using namespace spine::train;

TEST_CASE("A record shortens absolute paths, as it is published") {
  const char* argv[] = {"/home/me/bin/spine-train",   "seg", "--cache",
                        "/secret/place/paths",        "-o",  "runs/a",
                        "--data=/secret/place/films/"};
  const auto record = run_record(7, argv);
  CHECK(record.at("command") == "spine-train seg --cache paths -o runs/a --data=films");
  CHECK(record.at("started").get<std::string>().size() == 10);
  CHECK(record.contains("commit"));
}

TEST_CASE("The commit is read from branch, detached head and packed references") {
  const spine::test::TempDir folder;
  const std::string hash(40, 'a');
  const std::string other(40, 'b');
  const auto git = folder / ".git";
  std::filesystem::create_directories(git / "refs" / "heads");
  CHECK(checked_out_commit(folder.path()) == "unknown");
  std::ofstream(git / "HEAD") << hash << "\n";
  CHECK(checked_out_commit(folder.path()) == hash);
  std::ofstream(git / "HEAD") << "ref: refs/heads/main\n";
  CHECK(checked_out_commit(folder.path()) == "unknown");
  std::ofstream(git / "packed-refs") << "# pack\n" << other << " refs/heads/main\n";
  CHECK(checked_out_commit(folder.path()) == other);
  std::ofstream(git / "refs" / "heads" / "main") << hash << "\n";
  CHECK(checked_out_commit(folder.path()) == hash);
}
