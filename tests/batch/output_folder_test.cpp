#include "spine/batch/output_folder.h"

#include <fstream>

#include "support/catch.h"
#include "support/temp_dir.h"

#include "spine/core/error.h"
#include "spine/io/landmarks_io.h"
#include "spine/util/atomic_file.h"
#include "spine/util/json.h"

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

/// @param folder  of the files
json record_of(const Fingerprint& print, const std::vector<std::string>& files,
               const fs::path& folder = {}) {
  return {{"provenance",
           {{"fingerprint", to_json(print)},
            {"files", hashes_of(folder, files)},
            {"file_sizes", sizes_of(folder, files)}}}};
}

void write_study(const OutputFolder& folder, const std::string& id, const Fingerprint& print,
                 const std::vector<std::string>& files) {
  StagedStudy staged = folder.stage(id);
  for (const auto& name : files) put(staged.folder() / name, "new");
  write_json(staged.folder() / kFiles.record, record_of(print, files, staged.folder()));
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

TEST_CASE("A fingerprint is read back from its record") {
  CHECK(fingerprint_of_record(record_of(kPrint, {})) == kPrint);
  CHECK_FALSE(fingerprint_of_record(json{{"provenance", 3}}).has_value());
  CHECK_FALSE(fingerprint_of_record(json()).has_value());
}

TEST_CASE("A study is up to date only with the same fingerprint and all of its files") {
  const test::TempDir temp;
  const OutputFolder folder(temp / "out", kFiles, false);
  folder.prepare();
  CHECK_FALSE(folder.finished("s", kPrint).record.has_value());
  write_study(folder, "s", kPrint, {"a.txt", "b.txt"});
  CHECK(folder.finished("s", kPrint).record.has_value());

  for (auto member :
       {&Fingerprint::input_sha256, &Fingerprint::options_sha256, &Fingerprint::weights_sha256}) {
    Fingerprint other = kPrint;
    other.*member = "other";
    CHECK_FALSE(refusal(folder, other).empty());
    CHECK_FALSE(OutputFolder(temp / "out", kFiles, true).finished("s", other).record.has_value());
  }

  fs::remove(temp / "out" / "s" / "b.txt");
  CHECK_FALSE(folder.finished("s", kPrint).record.has_value());
}

TEST_CASE("A refusal states what differs") {
  const test::TempDir temp;
  const OutputFolder folder(temp / "out", kFiles, false);
  folder.prepare();
  write_study(folder, "s", kPrint, {"a.txt"});
  CHECK(refusal(folder, {"input", "other", "other"}) ==
        "write " + (temp / "out" / "s" / "record.json").string() +
            ": expected no such file or --force, got results of another set of options and set of "
            "weights");
}

TEST_CASE("A refusal lists the options and weights that differ") {
  const test::TempDir temp;
  const OutputFolder folder(temp / "out", kFiles, false);
  folder.prepare();
  write_study(folder, "s", kPrint, {"a.txt"});
  const fs::path file = temp / "out" / "s" / "record.json";
  json record = read_json(file);
  record["provenance"]["options"] = {{"measure", {{"landmarks", "fit"}}}, {"version", "1"}};
  record["provenance"]["weights"] = {{"name", "small"}};
  write_json(file, record);
  try {
    (void)folder.finished(
        "s", {"input", "other", "other"},
        {{"options", {{"measure", {{"landmarks", "baseline"}}}, {"version", "1"}}},
         {"weights", {{"name", "large"}}}});
    FAIL("not refused");
  } catch (const Error& error) {
    CHECK(std::string(error.what()) ==
          "write " + file.string() +
              ": expected no such file or --force, got results of another set of options "
              "(measure.landmarks: \"fit\" before, \"baseline\" now) and set of weights "
              "(name: \"small\" before, \"large\" now)");
  }
}

TEST_CASE("An unreadable result of wrong size is truncated, any other change is an edit") {
  const test::TempDir temp;
  const StudyFiles files{"record.json", {"a.json", "b.json"}};
  const bool force = GENERATE(false, true);
  const OutputFolder folder(temp / "out", files, force);
  folder.prepare();
  StagedStudy staged = folder.stage("s");
  for (const char* name : {"a.json", "b.json"}) put(staged.folder() / name, "{\"a\": [1, 2, 3]}");
  write_json(staged.folder() / files.record, record_of(kPrint, files.others, staged.folder()));
  staged.commit();
  const fs::path a = temp / "out" / "s" / "a.json", b = temp / "out" / "s" / "b.json";
  const std::string whole = read_file(a);
  CHECK(folder.finished("s", kPrint).record.has_value());

  put(a, "{\"mine\": 1}");
  CHECK(folder.finished("s", kPrint).record.has_value());
  // It is not lost either if another file must be recomputed.
  for (const bool lost : {false, true}) {
    put(b, whole.substr(0, whole.size() / 2));
    if (lost) fs::remove(b);
    const std::string message = refusal(folder, kPrint);
    CHECK(message.find("write " + a.string() + ": b.json ") == 0);
    CHECK(message.find("one that was changed since") != std::string::npos);
  }
  put(b, whole);

  for (const std::size_t size : {std::size_t{1}, whole.size() / 2, whole.size() - 1}) {
    put(a, whole.substr(0, size));
    const EarlierResults earlier = folder.finished("s", kPrint);
    CHECK_FALSE(earlier.record.has_value());
    CHECK(earlier.cut_off == "a.json");
  }
}

TEST_CASE("Files of recorded size are not read") {
  const test::TempDir temp;
  const OutputFolder folder(temp / "out", {"record.json", {"a.json"}}, false);
  folder.prepare();
  StagedStudy staged = folder.stage("s");
  put(staged.folder() / "a.json", "{\"a\": 1}");
  write_json(staged.folder() / "record.json", record_of(kPrint, {"a.json"}, staged.folder()));
  staged.commit();
  put(temp / "out" / "s" / "a.json", "no JSON!");  // same size
  CHECK(folder.finished("s", kPrint).record.has_value());
}

TEST_CASE("Foreign files of the same name are refused, unrelated ones ignored") {
  const test::TempDir temp;
  const OutputFolder folder(temp.path(), kFiles, false);
  put(temp / "s" / "notes.txt", "mine");
  CHECK_FALSE(folder.finished("s", kPrint).record.has_value());
  put(temp / "s" / "a.txt", "mine");
  CHECK(refusal(folder, kPrint).find("unknown origin") != std::string::npos);
  put(temp / "s" / "record.json", "{not json");
  CHECK(refusal(folder, kPrint).find("unknown origin") != std::string::npos);
}

TEST_CASE("Staging folders of interrupted runs do not change the origin of foreign files") {
  const test::TempDir temp;
  const OutputFolder folder(temp.path(), kFiles, false);
  put(temp / "s" / "a.txt", "mine");
  put(temp / ".partial-s" / "record.json", "{}");
  put(temp / (".partial-" + std::string(16, '1') + "-s") / "record.json", "{}");
  CHECK(refusal(folder, kPrint).find("unknown origin") != std::string::npos);
  CHECK(recover_staged(temp.path(), [](const std::string&) { return true; }).completed.empty());
  CHECK(refusal(folder, kPrint).find("unknown origin") != std::string::npos);
  CHECK(read_file(temp / "s" / "a.txt") == "mine");
}

TEST_CASE("A study with a truncated record is recomputed, one with a foreign record is not") {
  const test::TempDir temp;
  const OutputFolder folder(temp / "out", kFiles, false);
  folder.prepare();
  write_study(folder, "s", kPrint, {"a.txt"});
  const fs::path record = temp / "out" / "s" / "record.json";
  const std::string whole = read_file(record);
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{9}, whole.size() / 2, whole.size() - 3}) {
    for (const std::size_t zeros : {std::size_t{0}, whole.size() - size}) {
      put(record, whole.substr(0, size) + std::string(zeros, '\0'));
      INFO("bytes: " << size << ", zeros: " << zeros);
      const EarlierResults earlier = folder.finished("s", kPrint);
      CHECK_FALSE(earlier.record.has_value());
      CHECK(earlier.cut_off == "record.json");
    }
  }
  for (const char* text : {"{\"a\": ", "[", "words", "{\n  \"mine\": 1,\n"}) {
    put(record, text);
    CHECK(refusal(folder, kPrint).find("unknown origin") != std::string::npos);
  }
  put(record, whole);
  CHECK(folder.finished("s", kPrint).record.has_value());
  put(temp / "out" / "s" / "a.txt", "");
  CHECK_FALSE(folder.finished("s", kPrint).record.has_value());
  CHECK(folder.finished("s", kPrint).cut_off == "a.txt");
}

TEST_CASE("finished() changes nothing") {
  const test::TempDir temp;
  const OutputFolder folder(temp.path(), kFiles, false);
  write_study(folder, "s", kPrint, {"a.txt"});
  put(temp / ".partial-s" / "a.txt", "half");
  CHECK(folder.finished("s", kPrint).record.has_value());
  CHECK(fs::exists(temp / ".partial-s" / "a.txt"));
}

TEST_CASE("An output folder that cannot be created is an error") {
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
