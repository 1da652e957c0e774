// Runs that are killed or lose power at every failpoint, and the following run.
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include "support/catch.h"
#include "support/child.h"
#include "support/memory_dir.h"
#include "support/temp_dir.h"

#include "spine/batch/batch_run.h"
#include "spine/batch/skipped_files.h"
#include "spine/batch/verify.h"
#include "spine/core/error.h"
#include "spine/io/report_io.h"
#include "spine/util/atomic_file.h"
#include "spine/util/failpoint.h"
#include "spine/util/json.h"

using namespace spine;
using namespace spine::batch;
using nlohmann::json;

namespace fs = std::filesystem;

namespace {

/// The content of a folder except the run record, whose times differ.
std::map<std::string, std::string> files_in(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().lexically_relative(folder).string();
    if (name != "run.json")
      files[name] = entry.is_regular_file() ? read_file(entry.path()) : "folder";
  }
  return files;
}

/// Copies the number of a study to two files of results beside the record.
class CopyJob : public StepwiseJob<double, double> {
 public:
  explicit CopyJob(int offset) {
    description_.files = {"measurements.json", {"number.txt", "more.txt"}};
    description_.device = "cpu";
    description_.options = {{"offset", offset}};
  }
  [[nodiscard]] std::vector<fs::path> input_files(const Study& study) const override {
    return {study.path};
  }
  [[nodiscard]] json study_options(const Study& /*study*/) const override { return json::object(); }
  [[nodiscard]] double load(const Study& study) const override {
    return std::stod(read_file(study.path));
  }
  [[nodiscard]] double process(const double& number) const override { return number; }
  json write(const Study& study, const double& /*number*/, const double& value,
             const fs::path& folder, json provenance) const override {
    write_file_atomically(folder / "number.txt", std::to_string(value));
    write_file_atomically(folder / "more.txt", provenance.at("options").dump());
    Measurements measurements;
    measurements.values = {{"PI", value, "deg", "ok"}};
    return to_json(study.id, measurements, FilmInfo{}, provenance);
  }
};

/// Six studies, each a number in a file.
class Batch {
 public:
  explicit Batch(const fs::path& films) : list_(studies_in(films)) {
    list_.skipped = {{"words.txt", "neither image nor DICOM"}};
    options.command = "spine-test";
    options.version = "1";
    options.quiet = true;
    options.progress = false;
  }

  BatchStatus run(const fs::path& output, int offset) {
    options.output = output;
    return run_batch(options, list_, CopyJob(offset));
  }

  BatchOptions options;

 private:
  static std::vector<Study> studies_in(const fs::path& films) {
    std::vector<Study> studies;
    for (int i = 0; i < 6; ++i) {
      Study study;
      study.id = "s" + std::to_string(i);
      study.path = films / (study.id + ".txt");
      study.shown = study.id;
      std::ofstream(study.path) << i;
      studies.push_back(study);
    }
    return studies;
  }

  StudyList list_;
};

/// Checks that the files of every record exist as recorded.
void check_records(const fs::path& output) {
  for (const auto& entry : fs::directory_iterator(output)) {
    const fs::path record = entry.path() / "measurements.json";
    if (entry.path().filename().string().front() == '.' || !fs::exists(record)) continue;
    const json hashes = read_json(record).at("provenance").at("files");
    CHECK(hashes.size() == 2);
    CHECK(hashes_of(entry.path(), {"number.txt", "more.txt"}) == hashes);
  }
}

}  // namespace

TEST_CASE("After a power failure at any failpoint the next run ends like an undisturbed one") {
  test::keep_temp_dirs_in_memory();
  const std::string action = GENERATE("kill", "power");
  const bool replaces = GENERATE(false, true);
  const test::TempDir temp;
  Batch batch(temp.path());
  batch.options.force = true;
  if (replaces) batch.run(temp / "undisturbed", 1);
  batch.run(temp / "undisturbed", 2);
  const auto wanted = files_in(temp / "undisturbed");

  int places = 0;
  for (bool ended = false; !ended; ++places) {
    const test::TempDir here, kept;
    const fs::path output = here / "out";
    batch.options.force = true;
    if (replaces) batch.run(output, 1);
    ended = test::exit_code_of_child([&] {
              failpoint::arm(action + ":" + std::to_string(places + 1), kept.path());
              batch.run(output, 2);
              return 0;
            }) == 0;
    INFO(action << " at place " << places + 1 << ", results are replaced: " << replaces);
    if (fs::exists(output) && places % 2 == 0) {  // otherwise recovery is left to the next run
      CHECK(recover_staged(output, [](const std::string&) { return true; }).failed.empty());
      check_records(output);
    }
    // A run with --force is repeated with it; otherwise it is not needed.
    batch.options.force = replaces;
    CHECK(batch.run(output, 2) == BatchStatus::all_done);
    CHECK(files_in(output) == wanted);
    CHECK(verify_output(output).found.empty());
  }
  CHECK(places > 150);
}

TEST_CASE(
    "After an interrupted forced run, results of other options are not replaced without force") {
  test::keep_temp_dirs_in_memory();
  const test::TempDir temp;
  Batch batch(temp.path());
  int places = 0;
  for (bool ended = false; !ended; places += 3) {
    const test::TempDir here, kept;
    const fs::path output = here / "out";
    batch.options.force = true;
    batch.run(output, 1);
    ended = test::exit_code_of_child([&] {
              failpoint::arm("power:" + std::to_string(places + 1), kept.path());
              batch.run(output, 2);
              return 0;
            }) == 0;
    INFO("place " << places + 1);
    batch.options.force = false;
    std::ostringstream captured;
    std::streambuf* const before = std::cerr.rdbuf(captured.rdbuf());
    CHECK(batch.run(output, 3) == BatchStatus::some_failed);
    std::cerr.rdbuf(before);
    for (int i = 0; i < 6; ++i) {
      const std::string options = read_file(output / ("s" + std::to_string(i)) / "more.txt");
      CHECK((options.find("\"offset\":1") != std::string::npos ||
             options.find("\"offset\":2") != std::string::npos));
    }
    check_records(output);
  }
}
