#include "spine/batch/output_folder.h"

#include <fstream>
#include <sstream>

#include "support/catch.h"
#include "support/temp_dir.h"

#include "spine/core/error.h"
#include "spine/io/landmarks_io.h"

using namespace spine;
using namespace spine::batch;
using nlohmann::json;

namespace fs = std::filesystem;

namespace {

const StudyFiles kFiles{"record.json", {"a.txt", "b.txt"}};
const Fingerprint kPrint{"input", "options", "weights"};

void put(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream(file) << text;
}

std::string text_of(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

json record_of(const Fingerprint& print, const std::vector<std::string>& files) {
  json hashes = json::object();
  for (const auto& name : files) hashes[name] = "hash of " + name;
  return {{"provenance", {{"fingerprint", to_json(print)}, {"files", hashes}}}};
}

void write_study(const OutputFolder& folder, const std::string& id, const Fingerprint& print,
                 const std::vector<std::string>& files) {
  StagedStudy staged = folder.stage(id);
  for (const auto& name : files) put(staged.folder() / name, "new");
  write_json(staged.folder() / kFiles.record, record_of(print, files));
  staged.commit();
}

std::string refusal(const OutputFolder& folder, const Fingerprint& print) {
  try {
    (void)folder.finished("s", print);
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::output);
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("A fingerprint survives its record") {
  CHECK(fingerprint_of_record(record_of(kPrint, {})) == kPrint);
  CHECK_FALSE(fingerprint_of_record(json{{"provenance", 3}}).has_value());
  CHECK_FALSE(fingerprint_of_record(json()).has_value());
}

TEST_CASE("A study is finished only with the same fingerprint and all of its files") {
  const test::TempDir temp;
  const OutputFolder folder(temp / "out", kFiles, false);
  folder.prepare();
  CHECK_FALSE(folder.finished("s", kPrint).has_value());
  write_study(folder, "s", kPrint, {"a.txt", "b.txt"});
  CHECK(folder.finished("s", kPrint).has_value());

  for (auto member :
       {&Fingerprint::input_sha256, &Fingerprint::options_sha256, &Fingerprint::weights_sha256}) {
    Fingerprint other = kPrint;
    other.*member = "other";
    CHECK_FALSE(refusal(folder, other).empty());
    CHECK_FALSE(OutputFolder(temp / "out", kFiles, true).finished("s", other).has_value());
  }

  fs::remove(temp / "out" / "s" / "b.txt");
  CHECK_FALSE(folder.finished("s", kPrint).has_value());
}

TEST_CASE("A refusal says what is different") {
  const test::TempDir temp;
  const OutputFolder folder(temp / "out", kFiles, false);
  folder.prepare();
  write_study(folder, "s", kPrint, {"a.txt"});
  CHECK(refusal(folder, {"input", "other", "other"}) ==
        "write " + (temp / "out" / "s" / "record.json").string() +
            ": expected no such file or --force, got results of another set of options and set of "
            "weights");
}

TEST_CASE("Foreign files are refused, unrelated ones are none of our business") {
  const test::TempDir temp;
  const OutputFolder folder(temp.path(), kFiles, false);
  put(temp / "s" / "notes.txt", "mine");
  CHECK_FALSE(folder.finished("s", kPrint).has_value());
  put(temp / "s" / "a.txt", "mine");
  CHECK(refusal(folder, kPrint).find("unknown origin") != std::string::npos);
  put(temp / "s" / "record.json", "{not json");
  CHECK(refusal(folder, kPrint).find("unknown origin") != std::string::npos);
}

TEST_CASE("Nothing of a study appears before its commit, nothing stays without") {
  const test::TempDir temp;
  const OutputFolder folder(temp.path(), kFiles, false);
  {
    const StagedStudy staged = folder.stage("s");
    put(staged.folder() / "a.txt", "half");
    CHECK_FALSE(fs::exists(temp / "s"));
  }
  CHECK(fs::is_empty(temp.path()));
}

TEST_CASE("A commit replaces own files and removes those that are out of date") {
  const test::TempDir temp;
  const OutputFolder folder(temp.path(), kFiles, true);
  write_study(folder, "s", kPrint, {"a.txt", "b.txt"});
  put(temp / "s" / "notes.txt", "mine");
  put(temp / "s" / "a.txt", "old");
  write_study(folder, "s", kPrint, {"a.txt"});
  CHECK(text_of(temp / "s" / "a.txt") == "new");
  CHECK_FALSE(fs::exists(temp / "s" / "b.txt"));
  CHECK(text_of(temp / "s" / "notes.txt") == "mine");
}

TEST_CASE("Files of other options go with the record that lists them") {
  const test::TempDir temp;
  write_study(OutputFolder(temp.path(), kFiles, false), "s", kPrint, {"a.txt", "b.txt"});
  const Fingerprint other{"input", "other", "weights"};
  // Another command leaves what it does not know, this one removes what would be out of date.
  write_study(OutputFolder(temp.path(), {"record.json", {"a.txt"}}, true), "s", kPrint,
              {"a.txt", "b.txt"});
  CHECK(fs::exists(temp / "s" / "b.txt"));
  write_study(OutputFolder(temp.path(), {"record.json", {"a.txt"}, {"b.txt"}}, true), "s", other,
              {"a.txt"});
  CHECK(fs::exists(temp / "s" / "a.txt"));
  CHECK_FALSE(fs::exists(temp / "s" / "b.txt"));
}

TEST_CASE("A study that was cut off between two renames is computed again") {
  const test::TempDir temp;
  const OutputFolder folder(temp.path(), kFiles, false);
  put(temp / "s" / "a.txt", "new");
  put(temp / ".partial-s" / "record.json", "{}");
  CHECK_FALSE(folder.finished("s", kPrint).has_value());
  write_study(folder, "s", kPrint, {"a.txt"});
  CHECK(folder.finished("s", kPrint).has_value());
}

TEST_CASE("An output folder that cannot be made is one clear error") {
  const test::TempDir temp;
  put(temp / "file", "");
  for (const auto& root : {temp / "file", temp / "file" / "out"}) {
    try {
      OutputFolder(root, kFiles, false).prepare();
      FAIL("no error for " << root);
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::output);
      CHECK(std::string(error.what()).find(root.string()) != std::string::npos);
    }
  }
}
