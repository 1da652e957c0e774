#include "spine/batch/batch_run.h"

#include <atomic>
#include <chrono>
#include <fstream>
#include <functional>
#include <iostream>
#include <optional>
#include <set>
#include <sstream>
#include <thread>

#include "support/catch.h"
#include "support/temp_dir.h"

#include "spine/batch/run_lock.h"
#include "spine/core/error.h"
#include "spine/io/report_io.h"
#include "spine/util/atomic_file.h"
#include "spine/util/csv.h"
#include "spine/util/json.h"

using namespace spine;
using namespace spine::batch;
using nlohmann::json;

namespace fs = std::filesystem;

namespace {

/// A job whose description and steps a test may replace.
class TestJob : public StepwiseJob<double, double> {
 public:
  using StepwiseJob::description_;
  std::function<json(const Study&)> on_options = [](const Study&) { return json::object(); };
  std::function<double(const Study&)> on_load;
  std::function<double(double)> on_process;
  std::function<json(const Study&, double, const fs::path&, json)> on_write;

  [[nodiscard]] std::vector<fs::path> input_files(const Study& study) const override {
    return {study.path};
  }
  [[nodiscard]] json study_options(const Study& study) const override { return on_options(study); }
  [[nodiscard]] double load(const Study& study) const override { return on_load(study); }
  [[nodiscard]] double process(const double& number) const override { return on_process(number); }
  json write(const Study& study, const double& /*number*/, const double& value,
             const fs::path& folder, json provenance) const override {
    return on_write(study, value, folder, std::move(provenance));
  }
};

/// Studies are text files that hold a number; the job writes it as the value of PI.
class Batch {
 public:
  explicit Batch(const std::vector<std::string>& texts) {
    for (std::size_t i = 0; i < texts.size(); ++i) {
      Study study;
      study.id = std::to_string(i).insert(0, 1, 's');
      study.path = temp_ / (study.id + ".txt");
      std::ofstream(study.path) << texts[i];
      studies.push_back(study);
    }
    options.command = "spine-test";
    options.version = "1";
    options.output = temp_ / "out";
    options.quiet = true;
    job.description_ = {{"measurements.json", {"number.txt"}},
                        {{"offset", 0}},
                        {{"name", "w"}, {"sha256", "abc"}},
                        "cpu",
                        {},
                        {}};
    job.on_load = [](const Study& study) {
      std::string text;
      std::getline(std::ifstream(study.path), text);
      if (text == "bad") throw Error(ErrorKind::unreadable, "read: expected a number, got bad");
      return std::stod(text);
    };
    job.on_process = [this](double value) {
      ++computed;
      return value;
    };
    job.on_write = [](const Study& study, double value, const fs::path& folder, json provenance) {
      std::ofstream(folder / "number.txt") << value;
      Measurements measurements;
      measurements.values = {{"PI", value, "deg", "ok"}};
      return to_json(study.id, measurements, FilmInfo{}, provenance);
    };
  }

  BatchStatus run() {
    computed = 0;
    std::ostringstream captured;
    std::streambuf* const before = std::cerr.rdbuf(captured.rdbuf());
    const auto restore = [&] {
      std::cerr.rdbuf(before);
      messages = captured.str();
    };
    try {
      const BatchStatus ending = run_batch(options, studies, job);
      restore();
      return ending;
    } catch (...) {
      restore();
      throw;
    }
  }

  [[nodiscard]] std::string table() const { return text_of(options.output / "measurements.csv"); }
  [[nodiscard]] json record() const { return read_json(options.output / "run.json"); }
  [[nodiscard]] std::vector<std::string> statuses() const {
    std::vector<std::string> statuses;
    for (const auto& row : parse_csv(table())) statuses.push_back(row.cells.at(2));
    statuses.erase(statuses.begin());
    return statuses;
  }
  static std::string text_of(const fs::path& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
  }

  BatchOptions options;
  std::vector<Study> studies;
  TestJob job;
  int computed = 0;
  std::string messages;  ///< of the last run, on stderr

 private:
  test::TempDir temp_;
};

using Strings = std::vector<std::string>;

}  // namespace

TEST_CASE("A batch writes a row for every study and a run record") {
  Batch batch({"1.5", "bad", "3"});
  CHECK(batch.run() == BatchStatus::some_failed);
  INFO(batch.messages);
  CHECK(batch.statuses() == Strings{"ok", "unreadable", "ok"});
  CHECK(batch.messages == "spine-test: study s1: unreadable: read: expected a number, got bad\n");
  const json record = batch.record();
  CHECK(record.at("schema") == "spine-run/2");
  CHECK(record.at("counts").at("done") == 2);
  CHECK(record.at("counts").at("failed") == 1);
  CHECK(record.at("weights").at("sha256") == "abc");
  CHECK(record.at("versions").at("spine") == "1");
  CHECK(record.at("seconds_by_stage").contains("hash"));
  CHECK_FALSE(fs::exists(batch.options.output / "s1"));
  const json study = read_json(batch.options.output / "s0" / "measurements.json");
  CHECK(study.at("provenance").at("input").at("sha256").get<std::string>().size() == 64);
  const json& files = study.at("provenance").at("files");
  CHECK(files.size() == 1);
  CHECK(files.at("number.txt").get<std::string>().size() == 64);
}

TEST_CASE("A second run skips finished studies and gives the same table") {
  Batch batch({"1.5", "bad", "3"});
  batch.run();
  const std::string table = batch.table();
  CHECK(batch.run() == BatchStatus::some_failed);
  CHECK(batch.computed == 0);
  CHECK(batch.table() == table);
  CHECK(batch.record().at("counts").at("skipped") == 2);
}

TEST_CASE("A changed input, option or set of weights makes results outdated") {
  Batch batch({"1", "2"});
  batch.run();
  SECTION("input") { std::ofstream(batch.studies[0].path) << "7"; }
  SECTION("options") { batch.job.description_.options["offset"] = 1; }
  SECTION("options of a study") {
    batch.job.on_options = [](const Study&) { return json{{"spacing_mm", 0.2}}; };
  }
  SECTION("weights") { batch.job.description_.weights["sha256"] = "def"; }
  SECTION("version") { batch.options.version = "2"; }
  CHECK(batch.run() == BatchStatus::some_failed);
  CHECK(batch.messages.find("study s0: output: ") != std::string::npos);
  batch.options.force = true;
  CHECK(batch.run() == BatchStatus::all_done);
  CHECK(batch.computed >= 1);
  CHECK(batch.statuses() == Strings{"ok", "ok"});
}

TEST_CASE("A study with missing files is recomputed, the others are skipped") {
  Batch batch({"1", "2"});
  batch.run();
  fs::remove(batch.options.output / "s1" / "number.txt");
  CHECK(batch.run() == BatchStatus::all_done);
  CHECK(batch.computed == 1);
}

TEST_CASE("A study with a truncated file is recomputed with a message") {
  Batch batch({"1", "2"});
  const test::TempDir temp;
  batch.options.quiet = false;
  batch.options.log = temp / "log.jsonl";
  batch.job.description_.files.others = {"numbers.json"};
  batch.job.on_write = [](const Study& study, double value, const fs::path& folder,
                          json provenance) {
    write_json(folder / "numbers.json", {{"numbers", {value, value, value}}});
    Measurements measurements;
    measurements.values = {{"PI", value, "deg", "ok"}};
    return to_json(study.id, measurements, FilmInfo{}, provenance);
  };
  batch.run();
  const fs::path file = batch.options.output / "s1" / "numbers.json";
  const std::string whole = Batch::text_of(file);
  batch.options.force = GENERATE(false, true);
  fs::resize_file(file, whole.size() / 2);
  CHECK(batch.run() == BatchStatus::all_done);
  CHECK(batch.computed == 1);
  CHECK(Batch::text_of(file) == whole);
  CHECK(batch.messages.find("study s1: numbers.json was cut off") != std::string::npos);
  CHECK(Batch::text_of(batch.options.log).find("\"event\":\"cut_off\",\"file\":\"numbers.json\"") !=
        std::string::npos);
}

TEST_CASE("A refused run creates neither its folder nor a pseudonymisation key") {
  Batch batch({"1"});
  const test::TempDir temp;
  const fs::path key = temp / "config" / "study.key";
  batch.job.description_.key = PseudonymKey::existing_or_new(key);
  batch.options.output = temp / "deep" / "out";
  batch.options.log = temp / "nowhere" / "log.jsonl";
  CHECK_THROWS_AS(batch.run(), Error);
  CHECK(fs::is_empty(temp.path()));
  batch.options.log.clear();
  CHECK(batch.run() == BatchStatus::all_done);
  CHECK(PseudonymKey::existing(key)->fingerprint() == batch.job.description_.key->fingerprint());
}

TEST_CASE("A file that disappears before the study is complete fails the study") {
  Batch batch({"1", "2"});
  const auto write = batch.job.on_write;
  batch.job.on_write = [&](const Study& study, double value, const fs::path& folder,
                           json provenance) {
    write_file_atomically(folder / "more.txt", "more");
    if (study.id == "s1") fs::remove(folder / "more.txt");
    return write(study, value, folder, std::move(provenance));
  };
  batch.job.description_.files.others.emplace_back("more.txt");
  CHECK(batch.run() == BatchStatus::some_failed);
  CHECK(batch.statuses() == Strings{"ok", "output"});
  CHECK_FALSE(fs::exists(batch.options.output / "s1"));
}

TEST_CASE("A result damaged while the run ends is a failure with its reason") {
  Batch batch({"1", "2"});
  batch.options.stop_requested = [&] {  // polled once more after s0 exists
    if (fs::exists(batch.options.output / "s0" / "measurements.json")) {
      std::ofstream(batch.options.output / "s0" / "measurements.json") << "";
    }
    return false;
  };
  const auto load = batch.job.on_load;
  batch.job.on_load = [&](const Study& study) {
    while (study.id == "s1" && !fs::exists(batch.options.output / "s0")) std::this_thread::yield();
    return load(study);
  };
  CHECK(batch.run() == BatchStatus::some_failed);
  CHECK(batch.statuses() == Strings{"unreadable", "ok"});
  CHECK(batch.record().at("counts").at("failed") == 1);
  CHECK(batch.messages.find("study s0: unreadable: its record measurements.json") !=
        std::string::npos);
}

TEST_CASE("A concurrent run is refused, or waits on request") {
  Batch batch({"1", "2"});
  fs::create_directory(batch.options.output);
  LockRequest request;
  request.output = batch.options.output;
  request.command = "spine-other";
  std::optional<RunLock> other(RunLock::acquire(request));
  CHECK_THROWS_AS(batch.run(), Error);
  CHECK_THROWS_AS(wait_for_turn(batch.options), Error);
  batch.options.dry_run = true;  // writes nothing
  wait_for_turn(batch.options);
  batch.options.dry_run = false;
  batch.options.wait = true;
  batch.options.quiet = false;
  std::thread ends([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));  // usually while it waits
    other.reset();
  });
  CHECK(batch.run() == BatchStatus::all_done);
  ends.join();
  CHECK(batch.statuses() == Strings{"ok", "ok"});
}

TEST_CASE("An interrupted batch writes its table and resumes where it stopped") {
  Batch batch({"1", "2", "3", "4", "5", "6", "7", "8", "9"});
  std::atomic<int> asked{0};
  batch.options.stop_requested = [&asked] { return ++asked > 6; };
  CHECK(batch.run() == BatchStatus::interrupted);
  const auto statuses = batch.statuses();
  CHECK(statuses.size() == 9);
  CHECK(statuses.back() == "interrupted");
  CHECK(batch.record().at("interrupted") == true);
  batch.options.stop_requested = [] { return false; };
  CHECK(batch.run() == BatchStatus::all_done);
  CHECK(batch.statuses() == Strings(9, "ok"));
}

TEST_CASE("A dry run prints the plan and writes nothing") {
  Batch batch({"1", "2"});
  batch.studies[1].error = "input: expected a file, found none";
  batch.options.dry_run = true;
  std::ostringstream out;
  std::streambuf* const before = std::cout.rdbuf(out.rdbuf());
  const BatchStatus ending = batch.run();
  std::cout.rdbuf(before);
  CHECK(ending == BatchStatus::some_failed);
  CHECK_FALSE(fs::exists(batch.options.output));
  CHECK(out.str() == "s0\t" + batch.studies[0].path.string() + "\tcompute\ns1\t" +
                         batch.studies[1].path.string() +
                         "\terror: input: expected a file, found none\n");
}

TEST_CASE("The log has a line for the start, every study and the end") {
  Batch batch({"1", "bad"});
  const test::TempDir temp;
  batch.options.log = temp / "log.jsonl";
  batch.run();
  std::ifstream stream(batch.options.log);
  std::string line;
  std::multiset<std::string> events;
  while (std::getline(stream, line)) events.insert(json::parse(line).at("event"));
  CHECK(events == std::multiset<std::string>{"end", "start", "study", "study"});
}

TEST_CASE("Studies of an earlier run in the same folder are kept") {
  Batch batch({"1", "2"});
  batch.run();
  const std::string table = batch.table();
  const std::string long_table = Batch::text_of(batch.options.output / "measurements_long.csv");
  batch.studies.pop_back();
  CHECK_THROWS_AS(batch.run(), Error);
  batch.options.force = true;
  CHECK(batch.run() == BatchStatus::all_done);
  CHECK(batch.table() == table);
  CHECK(Batch::text_of(batch.options.output / "measurements_long.csv") == long_table);
  CHECK(batch.record().at("counts").at("kept_from_earlier_run") == 1);
  // Without its folder the row is dropped.
  fs::remove_all(batch.options.output / "s1");
  CHECK(batch.run() == BatchStatus::all_done);
  CHECK(batch.statuses() == Strings{"ok"});
}

TEST_CASE("A run that may replace nothing leaves tables and record unchanged") {
  Batch batch({"1", "2", "3"});
  batch.run();
  const auto files = [&] {
    std::string text;
    for (const char* name : {"measurements.csv", "measurements_long.csv", "run.json"}) {
      text += Batch::text_of(batch.options.output / name);
    }
    return text;
  };
  const std::string before = files();
  batch.job.description_.options["offset"] = 1;
  SECTION("to its end") {}
  SECTION("to its first failure") { batch.options.fail_fast = true; }
  CHECK(batch.run() == BatchStatus::some_failed);
  CHECK(batch.computed == 0);
  CHECK(files() == before);
  // Results of studies not in a run remain known.
  batch.studies.pop_back();
  CHECK_THROWS_AS(batch.run(), Error);
}

TEST_CASE("A study that may not be replaced keeps its row among new ones") {
  Batch batch({"1", "2"});
  const Study later = batch.studies.back();
  batch.studies.pop_back();
  batch.run();
  batch.job.description_.options["offset"] = 1;
  batch.studies.push_back(later);
  CHECK(batch.run() == BatchStatus::some_failed);
  CHECK(batch.statuses() == Strings{"ok", "ok"});
  CHECK(batch.record().at("counts").at("done") == 1);
  CHECK(batch.record().at("counts").at("failed") == 1);
}
