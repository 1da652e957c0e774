#include "spine/batch/runner.h"

#include <algorithm>
#include <atomic>
#include <new>
#include <string>
#include <thread>

#include "support/catch.h"
#include "support/few_threads.h"

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

/// Steps that load a study's number, double it, and check the result when writing.
Steps<int, int> doubling_steps() {
  Steps<int, int> steps;
  steps.load = [](const Study& study) { return number_of(study); };
  steps.process = [](std::span<const int* const> batch) {
    std::vector<int> results;
    for (const int* value : batch) results.push_back(2 * *value);
    return results;
  };
  steps.write = [](const Study& study, const int& loaded, const int& processed) {
    if (loaded != number_of(study) || processed != 2 * loaded) throw std::logic_error("mixed up");
    return ok_row(study);
  };
  return steps;
}

}  // namespace

TEST_CASE("Every study gets its own row, in the order given, for any batch size") {
  const auto studies = make_studies(37);
  for (const int batch_size : {1, 4, 37, 64}) {
    RunnerOptions options;
    options.batch_size = batch_size;
    const auto result = run_studies(studies, doubling_steps(), options);
    REQUIRE(result.studies.size() == studies.size());
    CHECK_FALSE(result.interrupted);
    for (std::size_t i = 0; i < studies.size(); ++i) {
      INFO("batch size " << batch_size << ", study " << i);
      CHECK(result.studies[i].row.study == studies[i].id);
      CHECK(result.studies[i].row.status == "ok");
    }
  }
}

TEST_CASE("Without threads for reading or writing every study still gets its row") {
  const auto studies = make_studies(23);
  for (const int threads : {0, 1, 2}) {
    for (const int batch_size : {1, 4, 64}) {
      const test::FewThreads few(threads);
      RunnerOptions options;
      options.batch_size = batch_size;
      auto steps = doubling_steps();
      steps.process = [process = steps.process](std::span<const int* const> batch) {
        for (const int* value : batch) {
          if (*value == 8) throw std::runtime_error("network");
          if (*value == 9 && batch.size() > 1) throw std::bad_alloc();  // halves the batch
        }
        return process(batch);
      };
      const auto result = run_studies(studies, steps, options);
      REQUIRE(result.studies.size() == studies.size());
      for (std::size_t i = 0; i < studies.size(); ++i) {
        INFO(threads << " threads, batch size " << batch_size << ", study " << i);
        CHECK(result.studies[i].row.study == studies[i].id);
        CHECK(result.studies[i].row.status == (i == 8 ? "internal" : "ok"));
      }
    }
  }
}

TEST_CASE("A failing observer ends the run instead of the process, and nobody waits for ever") {
  const auto studies = make_studies(30);
  for (const int threads : {0, 1, 2}) {
    for (const bool when_reading : {true, false}) {
      const test::FewThreads few(threads);
      auto steps = doubling_steps();
      if (when_reading) {
        steps.load = [](const Study& study) -> std::variant<int, ReportRow> {
          return ok_row(study);  // done already
        };
      }
      RunnerOptions options;
      options.on_study = [](const StudyReport&) { throw std::runtime_error("observer"); };
      CHECK_THROWS_WITH(run_studies(studies, steps, options), "observer");
    }
  }
}

TEST_CASE("No studies, no rows") { CHECK(run_studies({}, doubling_steps(), {}).studies.empty()); }

TEST_CASE("A failure in any step is that study's row, and all others go on") {
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
  const auto process = steps.process;
  steps.process = [process](std::span<const int* const> batch) {
    for (const int* value : batch) {
      if (*value == 8) throw std::runtime_error("network");
    }
    return process(batch);
  };
  const auto write = steps.write;
  steps.write = [write](const Study& study, const int& loaded, const int& processed) {
    if (loaded == 11) throw Error(ErrorKind::no_spine, "segment: s11.png: no spine");
    return write(study, loaded, processed);
  };
  for (const int batch_size : {1, 4}) {
    RunnerOptions options;
    options.batch_size = batch_size;
    const auto rows = run_studies(studies, steps, options).studies;
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

TEST_CASE("A batch that does not fit into memory is halved, and later ones are no larger") {
  auto steps = doubling_steps();
  const auto process = steps.process;
  std::vector<std::size_t> tried;
  steps.process = [&, process](std::span<const int* const> batch) {
    tried.push_back(batch.size());
    if (batch.size() > 3) throw Error(ErrorKind::out_of_memory, "network: out of memory");
    return process(batch);
  };
  RunnerOptions options;
  options.batch_size = 8;
  const auto rows = run_studies(make_studies(20), steps, options).studies;
  for (const auto& report : rows) CHECK(report.row.status == "ok");
  // 8 and 4 are too many; then batches of 2.
  CHECK(std::count_if(tried.begin(), tried.end(), [](std::size_t n) { return n > 3; }) == 2);
}

TEST_CASE("A film that fits no memory by itself is a row, and the others go on") {
  auto steps = doubling_steps();
  const auto process = steps.process;
  steps.process = [process](std::span<const int* const> batch) {
    for (const int* value : batch) {
      if (*value == 2) throw Error(ErrorKind::out_of_memory, "network: out of memory");
    }
    return process(batch);
  };
  RunnerOptions options;
  options.batch_size = 4;
  const auto rows = run_studies(make_studies(9), steps, options).studies;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CHECK(rows[i].row.status == (i == 2 ? "out_of_memory" : "ok"));
  }
}

TEST_CASE("A run ends when results can no longer be written, and says so") {
  auto steps = doubling_steps();
  const auto write = steps.write;
  steps.write = [write](const Study& study, const int& loaded, const int& processed) {
    if (loaded >= 10) throw Error(ErrorKind::output, "write: no space left");
    return write(study, loaded, processed);
  };
  const auto rows = run_studies(make_studies(200), steps, {}).studies;
  CHECK(rows[9].row.status == "ok");
  CHECK(rows[14].row.status == "output");
  CHECK(rows[199].row.status == "interrupted");
  CHECK(rows[199].row.error == "not reached: results could no longer be written");
}

TEST_CASE("A study that is left out is neither a success nor a failure") {
  auto studies = make_studies(3);
  studies[0].error = "left out: view AP";
  studies[0].error_kind = ErrorKind::excluded;
  RunnerOptions options;
  options.fail_fast = true;
  const auto rows = run_studies(studies, doubling_steps(), options).studies;
  CHECK(rows[0].row.status == "excluded");
  CHECK_FALSE(is_success(rows[0].row));
  CHECK_FALSE(is_failure(rows[0].row));
  CHECK(rows[2].row.status == "ok");
}

TEST_CASE("A message says what is shown of a path, not the path") {
  auto studies = make_studies(1);
  studies[0].path = "/archive/doe jane/1950.dcm";
  studies[0].shown = "key";
  auto steps = doubling_steps();
  steps.load = [](const Study& study) -> std::variant<int, ReportRow> {
    throw Error(ErrorKind::unreadable, "read " + study.path.string() + ": beside " +
                                           (study.path.parent_path() / "x").string());
  };
  const auto row = run_studies(studies, steps, {}).studies[0].row;
  CHECK(row.path == "key");
  CHECK(row.error == "read key: beside x");
}

TEST_CASE("A step that returns too few results fails those studies and ends nothing") {
  auto steps = doubling_steps();
  steps.process = [](std::span<const int* const>) { return std::vector<int>{}; };
  for (const auto& report : run_studies(make_studies(3), steps, {}).studies) {
    CHECK(report.row.status == "internal");
  }
}

TEST_CASE("Studies that are done already are rows and reach no further step") {
  auto steps = doubling_steps();
  steps.load = [](const Study& study) -> std::variant<int, ReportRow> {
    if (number_of(study) % 2 == 0) return ok_row(study);
    return number_of(study);
  };
  std::atomic<int> processed{0};
  const auto process = steps.process;
  steps.process = [&, process](std::span<const int* const> batch) {
    processed += static_cast<int>(batch.size());
    return process(batch);
  };
  const auto result = run_studies(make_studies(10), steps, {});
  CHECK(processed == 5);
  for (std::size_t i = 0; i < 10; ++i) CHECK(result.studies[i].skipped == (i % 2 == 0));
}

TEST_CASE("At most a few films are in memory however slow the writer is") {
  struct Film {
    explicit Film(std::atomic<int>* counter) : alive(counter) { ++*alive; }
    Film(Film&& other) noexcept : alive(other.alive) { ++*alive; }
    Film(const Film&) = delete;
    Film& operator=(const Film&) = delete;
    Film& operator=(Film&&) = delete;
    ~Film() { --*alive; }
    std::atomic<int>* alive;
  };
  std::atomic<int> alive{0};
  std::atomic<int> most{0};
  Steps<Film, int> steps;
  steps.load = [&](const Study&) -> std::variant<Film, ReportRow> {
    most = std::max(most.load(), alive.load());
    return Film(&alive);
  };
  steps.process = [](std::span<const Film* const> batch) { return std::vector<int>(batch.size()); };
  steps.write = [](const Study& study, const Film&, const int&) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return ok_row(study);
  };
  run_studies(make_studies(60), steps, {});
  CHECK(alive == 0);
  CHECK(most <= 8);
}

TEST_CASE("A request to stop ends soon and gives every study a row") {
  std::atomic<bool> stop{false};
  RunnerOptions options;
  options.stop_requested = [&stop] { return stop.load(); };
  options.on_study = [&stop](const StudyReport& report) {
    if (report.index == 4) stop = true;
  };
  const auto studies = make_studies(200);
  const auto result = run_studies(studies, doubling_steps(), options);
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
  const auto result = run_studies(make_studies(100), steps, options);
  CHECK_FALSE(result.interrupted);
  CHECK(result.studies[2].row.status == "unreadable");
  CHECK(result.studies.back().row.error == "not reached: the run stopped at its first failure");
}
