#include "spine/batch/runner.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <thread>

#include "support/catch.h"
#include "support/few_threads.h"

#include "spine/batch/study_status.h"
#include "spine/core/error.h"

using namespace spine;
using namespace spine::batch;

namespace {

std::vector<Study> make_studies(int count) {
  std::vector<Study> studies;
  for (int i = 0; i < count; ++i) {
    Study study;
    study.id = "s" + std::to_string(i);
    study.path = study.id + ".png";
    studies.push_back(study);
  }
  return studies;
}

ReportRow ok_row(const Study& study) { return {study.id, study.path.string(), "ok", "", {}}; }

int number_of(const Study& study) { return std::stoi(study.id.substr(1)); }

/// The steps of a study.
struct Steps {
  std::function<std::variant<int, ReportRow>(const Study&)> load;
  std::function<int(int)> process;
  std::function<ReportRow(const Study&, int loaded, int processed)> write;

  PrepareStudy prepare() const {
    return [steps = *this](const Study& study) -> std::variant<WriteStudy, ReportRow> {
      const auto loaded = steps.load(study);
      if (const auto* row = std::get_if<ReportRow>(&loaded)) return *row;
      const int number = std::get<int>(loaded);
      const int processed = steps.process(number);
      return [=, &study] { return steps.write(study, number, processed); };
    };
  }
};

/// Steps that load a number, double it, and check the result when writing.
Steps doubling_steps() {
  Steps steps;
  steps.load = [](const Study& study) { return number_of(study); };
  steps.process = [](int number) { return 2 * number; };
  steps.write = [](const Study& study, int loaded, int processed) {
    if (loaded != number_of(study) || processed != 2 * loaded) throw std::logic_error("mixed up");
    return ok_row(study);
  };
  return steps;
}

RunnerOptions with_workers(int workers) {
  RunnerOptions options;
  options.workers = workers;
  return options;
}

}  // namespace

TEST_CASE("Every study gets its row in the order given, for any number of workers") {
  const auto studies = make_studies(37);
  for (const int workers : {1, 2, 4, 64}) {
    const auto result = run_studies(studies, doubling_steps().prepare(), with_workers(workers));
    REQUIRE(result.studies.size() == studies.size());
    CHECK_FALSE(result.interrupted);
    for (std::size_t i = 0; i < studies.size(); ++i) {
      INFO(workers << " workers, study " << i);
      CHECK(result.studies[i].row.study == studies[i].id);
      CHECK(result.studies[i].row.status == "ok");
    }
  }
}

TEST_CASE("Without available threads every study still gets its row") {
  const auto studies = make_studies(23);
  for (const int threads : {0, 1, 2}) {
    const test::FewThreads few(threads);
    auto steps = doubling_steps();
    steps.process = [](int number) {
      if (number == 8) throw std::runtime_error("network");
      return 2 * number;
    };
    const auto result = run_studies(studies, steps.prepare(), with_workers(8));
    REQUIRE(result.studies.size() == studies.size());
    for (std::size_t i = 0; i < studies.size(); ++i) {
      INFO(threads << " threads, study " << i);
      CHECK(result.studies[i].row.study == studies[i].id);
      CHECK(result.studies[i].row.status == (i == 8 ? "internal" : "ok"));
    }
  }
}

TEST_CASE("An exception of the observer ends the run without deadlock") {
  const auto studies = make_studies(30);
  for (const int workers : {1, 2, 5}) {
    for (const bool when_reading : {true, false}) {
      auto steps = doubling_steps();
      if (when_reading) {
        steps.load = [](const Study& study) -> std::variant<int, ReportRow> {
          return ok_row(study);  // up to date
        };
      }
      RunnerOptions options = with_workers(workers);
      options.on_study = [](const StudyReport&) { throw std::runtime_error("observer"); };
      CHECK_THROWS_WITH(run_studies(studies, steps.prepare(), options), "observer");
    }
  }
}

TEST_CASE("No studies, no rows") {
  CHECK(run_studies({}, doubling_steps().prepare(), {}).studies.empty());
}

TEST_CASE("A failure in any step is a row, and other studies continue") {
  auto studies = make_studies(20);
  studies[3].error = "input: s3.png: expected a file, found none";
  studies[3].error_kind = ErrorKind::not_found;
  auto steps = doubling_steps();
  steps.load = [](const Study& study) -> std::variant<int, ReportRow> {
    const int n = number_of(study);
    if (n == 5) throw Error(ErrorKind::unreadable, "read: s5.png: truncated");
    if (n == 6) throw std::bad_alloc();
    return n;
  };
  steps.process = [](int number) {
    if (number == 8) throw std::runtime_error("network");
    return 2 * number;
  };
  steps.write = [write = steps.write](const Study& study, int loaded, int processed) {
    if (loaded == 11) throw Error(ErrorKind::no_spine, "segment: s11.png: no spine");
    return write(study, loaded, processed);
  };
  for (const int workers : {1, 4}) {
    const auto rows = run_studies(studies, steps.prepare(), with_workers(workers)).studies;
    const auto status = [&rows](std::size_t i) { return rows[i].row.status; };
    CHECK(status(3) == "not_found");
    CHECK(rows[3].row.error == studies[3].error);
    CHECK(status(5) == "unreadable");
    CHECK(rows[5].row.error == "read: s5.png: truncated");
    CHECK(status(6) == "out_of_memory");
    CHECK(rows[6].row.error == "out of memory");
    CHECK(status(8) == "internal");
    CHECK(status(11) == "no_spine");
    int good = 0;
    for (const auto& report : rows) good += is_success(report.row) ? 1 : 0;
    CHECK(good == 15);
  }
}

TEST_CASE("If memory is short fewer studies are processed concurrently, and none is lost") {
  std::atomic<int> in_memory{0}, short_of{0};
  auto steps = doubling_steps();
  steps.process = [&](int number) {
    struct Held {
      explicit Held(std::atomic<int>& count) : count_(count), now_(++count) {}
      Held(const Held&) = delete;
      Held& operator=(const Held&) = delete;
      Held(Held&&) = delete;
      Held& operator=(Held&&) = delete;
      ~Held() { --count_; }
      std::atomic<int>& count_;
      int now_;
    } const held(in_memory);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    if (held.now_ > 3) {
      ++short_of;
      throw Error(ErrorKind::out_of_memory, "network: out of memory");
    }
    return 2 * number;
  };
  const auto rows = run_studies(make_studies(60), steps.prepare(), with_workers(8)).studies;
  for (const auto& report : rows) CHECK(report.row.status == "ok");
  CHECK(short_of <= 8);  // then at most four concurrently, then two
}

TEST_CASE("A film that exceeds memory by itself is a row, and other studies continue") {
  auto steps = doubling_steps();
  steps.process = [](int number) {
    if (number == 2) throw Error(ErrorKind::out_of_memory, "network: out of memory");
    return 2 * number;
  };
  for (const int workers : {1, 4}) {
    const auto rows = run_studies(make_studies(9), steps.prepare(), with_workers(workers)).studies;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      CHECK(rows[i].row.status == (i == 2 ? "out_of_memory" : "ok"));
    }
  }
}

TEST_CASE("A run ends if results can no longer be written, with a message") {
  auto steps = doubling_steps();
  steps.write = [write = steps.write](const Study& study, int loaded, int processed) {
    if (loaded >= 10) throw Error(ErrorKind::output, "write: no space left");
    return write(study, loaded, processed);
  };
  const auto rows = run_studies(make_studies(200), steps.prepare(), {}).studies;
  CHECK(rows[9].row.status == "ok");
  CHECK(rows[14].row.status == "output");
  CHECK(rows[199].row.status == "interrupted");
  CHECK(rows[199].row.error == "not reached: results could no longer be written");
}

TEST_CASE("An excluded study is neither a success nor a failure") {
  auto studies = make_studies(3);
  studies[0].error = "excluded: view AP";
  studies[0].error_kind = ErrorKind::excluded;
  RunnerOptions options;
  options.fail_fast = true;
  const auto rows = run_studies(studies, doubling_steps().prepare(), options).studies;
  CHECK(rows[0].row.status == "excluded");
  CHECK_FALSE(is_success(rows[0].row));
  CHECK_FALSE(is_failure(rows[0].row));
  CHECK(rows[2].row.status == "ok");
}

TEST_CASE("Messages contain display names instead of paths") {
  auto studies = make_studies(1);
  studies[0].path = "/archive/doe jane/1950.dcm";
  studies[0].shown = "key";
  auto steps = doubling_steps();
  steps.load = [](const Study& study) -> std::variant<int, ReportRow> {
    throw Error(ErrorKind::unreadable, "read " + study.path.string() + ": beside " +
                                           (study.path.parent_path() / "x").string());
  };
  const auto row = run_studies(studies, steps.prepare(), {}).studies[0].row;
  CHECK(row.path == "key");
  CHECK(row.error == "read key: beside x");
}

TEST_CASE("Up-to-date studies are rows and reach no further step") {
  auto steps = doubling_steps();
  steps.load = [](const Study& study) -> std::variant<int, ReportRow> {
    if (number_of(study) % 2 == 0) return ok_row(study);
    return number_of(study);
  };
  std::atomic<int> processed{0};
  steps.process = [&](int number) {
    ++processed;
    return 2 * number;
  };
  const auto result = run_studies(make_studies(10), steps.prepare(), {});
  CHECK(processed == 5);
  for (std::size_t i = 0; i < 10; ++i) CHECK(result.studies[i].skipped == (i % 2 == 0));
}

TEST_CASE("No more films are in memory than there are workers, even if writing is slow") {
  struct Film {
    explicit Film(std::atomic<int>& counter) : alive(counter) { ++alive; }
    Film(const Film&) = delete;
    Film& operator=(const Film&) = delete;
    Film(Film&&) = delete;
    Film& operator=(Film&&) = delete;
    ~Film() { --alive; }
    std::atomic<int>& alive;
  };
  std::atomic<int> alive{0};
  std::atomic<int> most{0};
  const auto prepare = [&](const Study& study) -> std::variant<WriteStudy, ReportRow> {
    auto film = std::make_shared<const Film>(alive);
    most = std::max(most.load(), alive.load());
    return [&study, film = std::move(film)] {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      return ok_row(study);
    };
  };
  run_studies(make_studies(60), prepare, with_workers(3));
  CHECK(alive == 0);
  CHECK(most <= 3);
}

TEST_CASE("A stop request ends the run soon and gives every study a row") {
  std::atomic<bool> stop{false};
  RunnerOptions options;
  options.stop_requested = [&stop] { return stop.load(); };
  options.on_study = [&stop](const StudyReport& report) {
    if (report.index == 4) stop = true;
  };
  const auto studies = make_studies(200);
  const auto result = run_studies(studies, doubling_steps().prepare(), options);
  CHECK(result.interrupted);
  REQUIRE(result.studies.size() == studies.size());
  for (std::size_t i = 0; i <= 4; ++i) CHECK(result.studies[i].row.status == "ok");
  CHECK(result.studies.back().row.status == "interrupted");
  CHECK(result.studies.back().row.error.find("interrupted") != std::string::npos);
}

TEST_CASE("With fail_fast the first failure ends the run") {
  auto steps = doubling_steps();
  steps.load = [](const Study& study) -> std::variant<int, ReportRow> {
    if (number_of(study) == 2) throw Error(ErrorKind::unreadable, "broken");
    return number_of(study);
  };
  RunnerOptions options;
  options.fail_fast = true;
  const auto result = run_studies(make_studies(100), steps.prepare(), options);
  CHECK_FALSE(result.interrupted);
  CHECK(result.studies[2].row.status == "unreadable");
  CHECK(result.studies.back().row.error == "not reached: the run stopped at its first failure");
}
