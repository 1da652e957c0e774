#include "spine/batch/staged_study.h"

#include <fstream>

#include "support/catch.h"
#include "support/child.h"
#include "support/memory_dir.h"
#include "support/temp_dir.h"

#include "spine/batch/output_folder.h"
#include "spine/core/error.h"
#include "spine/io/landmarks_io.h"
#include "spine/util/atomic_file.h"
#include "spine/util/failpoint.h"
#include "spine/util/json.h"
#include "spine/util/sha256.h"

using namespace spine;
using namespace spine::batch;
using nlohmann::json;

namespace fs = std::filesystem;

namespace {

using Words = std::vector<std::string>;

const StudyFiles kFiles{"record.json", {"a.txt", "b.txt", "c.txt"}};
const Fingerprint kPrint{"input", "options", "weights"};
constexpr auto kAny = [](const std::string&) { return true; };

void put(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream(file) << text;
}

/// Files are written through AtomicFile, like those of all commands.
void write_study(const fs::path& output, const Words& files, const std::string& text,
                 const StudyFiles& known = kFiles) {
  const OutputFolder folder(output, known, true);
  StagedStudy staged = folder.stage("s");
  for (const auto& name : files) write_file_atomically(staged.folder() / name, text);
  write_json(staged.folder() / known.record,
             {{"provenance",
               {{"fingerprint", to_json(kPrint)}, {"files", hashes_of(staged.folder(), files)}}}});
  staged.commit();
}

std::size_t entries(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

/// The content of a study's folder: "a.txt=old b.txt=old", with a note if it differs from the
/// record.
std::string state_of(const fs::path& study) {
  if (!fs::exists(study)) return "nothing";
  std::string state;
  for (const auto& name : kFiles.others) {
    if (fs::exists(study / name)) state += name + "=" + read_file(study / name) + " ";
  }
  if (!fs::exists(study / kFiles.record)) return state + "without record";
  const json record = read_json(study / kFiles.record);
  for (const auto& [name, hash] : record.at("provenance").at("files").items()) {
    if (!fs::exists(study / name)) return state + "without " + name;
    if (json(sha256_of_file(study / name)) != hash) return state + "other than recorded";
  }
  return state;
}

}  // namespace

TEST_CASE("Nothing of a study is visible before its commit or remains without it") {
  const test::TempDir temp;
  {
    const StagedStudy staged(staging_folder(temp.path(), "run", "s"), temp / "s", kFiles);
    put(staged.folder() / "a.txt", "half");
    CHECK_FALSE(fs::exists(temp / "s"));
  }
  CHECK(fs::is_empty(temp.path()));
}

TEST_CASE("A commit replaces the command's files and removes outdated ones") {
  const test::TempDir temp;
  write_study(temp.path(), {"a.txt", "b.txt"}, "new");
  put(temp / "s" / "notes.txt", "mine");
  put(temp / "s" / "a.txt", "old");
  write_study(temp.path(), {"a.txt"}, "new");
  CHECK(read_file(temp / "s" / "a.txt") == "new");
  CHECK_FALSE(fs::exists(temp / "s" / "b.txt"));
  CHECK(read_file(temp / "s" / "notes.txt") == "mine");
  CHECK(entries(temp.path()) == 1);
}

TEST_CASE("Files of other options are removed with the record that lists them") {
  const test::TempDir temp;
  write_study(temp.path(), {"a.txt", "b.txt"}, "new");
  // Another command keeps unknown files, this one removes outdated ones.
  write_study(temp.path(), {"a.txt", "b.txt"}, "new", {"record.json", {"a.txt"}});
  CHECK(fs::exists(temp / "s" / "b.txt"));
  write_study(temp.path(), {"a.txt"}, "new", {"record.json", {"a.txt"}, {"b.txt"}});
  CHECK(fs::exists(temp / "s" / "a.txt"));
  CHECK_FALSE(fs::exists(temp / "s" / "b.txt"));
}

TEST_CASE("A commit without a listed file fails and keeps earlier results") {
  const test::TempDir temp;
  const bool over_old_results = GENERATE(false, true);
  if (over_old_results) write_study(temp.path(), {"a.txt", "b.txt"}, "old");
  const std::string before = state_of(temp / "s");
  {
    StagedStudy staged = OutputFolder(temp.path(), kFiles, true).stage("s");
    put(staged.folder() / "a.txt", "new");
    put(staged.folder() / "b.txt", "new");
    write_json(staged.folder() / kFiles.record,
               {{"provenance", {{"files", hashes_of(staged.folder(), {"a.txt", "b.txt"})}}}});
    fs::remove(staged.folder() / "b.txt");
    CHECK_THROWS_AS(staged.commit(), Error);
  }
  CHECK(state_of(temp / "s") == before);
  CHECK(entries(temp.path()) == (over_old_results ? 1 : 0));
}

TEST_CASE("Files not listed in the record are not committed") {
  const test::TempDir temp;
  {
    StagedStudy staged = OutputFolder(temp.path(), kFiles, true).stage("s");
    put(staged.folder() / "a.txt", "new");
    put(staged.folder() / "a.txt.tmp-1-0123abcd", "half");
    write_json(staged.folder() / kFiles.record,
               {{"provenance", {{"files", hashes_of(staged.folder(), {"a.txt"})}}}});
    staged.commit();
  }
  CHECK(entries(temp / "s") == 2);
}

TEST_CASE("Recovery completes or removes staged files except of active runs and other studies") {
  const test::TempDir temp;
  const std::string dead(16, 'd'), live(16, '1');
  for (const std::string& run : {dead, live}) {
    for (const char* study : {"s", "other"}) {
      put(staging_folder(temp.path(), run, study) / "a.txt", "half");
    }
  }
  put(temp / ".partial-s" / "a.txt", "of an earlier version");
  const auto is_s = [](const std::string& study) { return study == "s"; };
  CHECK(recover_staged(temp.path(), is_s, {live}).completed.empty());
  CHECK_FALSE(fs::exists(staging_folder(temp.path(), dead, "s")));
  CHECK_FALSE(fs::exists(temp / ".partial-s"));
  CHECK(fs::exists(staging_folder(temp.path(), live, "s")));
  CHECK(fs::exists(staging_folder(temp.path(), dead, "other")));
  CHECK_FALSE(fs::exists(temp / "s"));
}

TEST_CASE("A commit that cannot be completed is reported and kept") {
  const test::TempDir temp;
  const fs::path staging = staging_folder(temp.path(), std::string(16, 'd'), "s");
  put(staging / "a.txt", "new");
  put(staging / kFiles.record, "{}");
  json journal{{"schema", "spine-commit/1"}, {"remove", json::array()}};
  for (const auto& name : {std::string("a.txt"), kFiles.record}) {
    journal["files"].push_back({{"name", name}, {"sha256", sha256_of_file(staging / name)}});
  }
  write_json(staging / ".journal.json", journal);
  put(temp / "s" / "a.txt" / "in the way", "");
  const Recovered recovered = recover_staged(temp.path(), kAny);
  CHECK(recovered.failed.count("s") == 1);
  CHECK(read_file(staging / "a.txt") == "new");
  fs::remove_all(temp / "s" / "a.txt");
  CHECK(recover_staged(temp.path(), kAny).completed == Words{"s"});
  CHECK(read_file(temp / "s" / "a.txt") == "new");
  CHECK(entries(temp.path()) == 1);
}

TEST_CASE("A study is in the old or the new state wherever a commit is interrupted") {
  test::keep_temp_dirs_in_memory();
  const std::string action = GENERATE("kill", "power");
  const bool over_old_results = GENERATE(false, true);
  const std::string before = over_old_results ? "a.txt=old b.txt=old " : "nothing";
  const std::string after = "a.txt=new c.txt=new ";
  bool ended = false;
  std::size_t old_ones = 0, new_ones = 0;
  for (int place = 1; !ended; ++place) {
    const test::TempDir temp, kept;
    const fs::path output = temp / "out";
    fs::create_directory(output);
    if (over_old_results) write_study(output, {"a.txt", "b.txt"}, "old");
    ended = test::exit_code_of_child([&] {
              failpoint::arm(action + ":" + std::to_string(place), kept.path());
              write_study(output, {"a.txt", "c.txt"}, "new");
              return 0;
            }) == 0;
    INFO(action << " at place " << place << ", over old results: " << over_old_results);
    const Recovered recovered = recover_staged(output, kAny);
    CHECK(recovered.failed.empty());
    const std::string state = state_of(output / "s");
    CHECK((state == before || state == after));
    ++(state == before ? old_ones : new_ones);
    CHECK(entries(output) == (state == "nothing" ? 0 : 1));
  }
  CHECK(old_ones > 3);
  CHECK(new_ones > 1);
}
