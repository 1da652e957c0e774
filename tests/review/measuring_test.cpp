#include "spine/review/measuring.h"

#include <chrono>
#include <mutex>
#include <thread>

#include "review/results_folder.h"
#include "review/script.h"
#include "support/catch.h"
#include "support/temp_dir.h"
#include "support/throws.h"

#include "spine/core/error.h"
#include "spine/io/image_io.h"

using namespace spine;
using namespace spine::review;
using namespace spine::test;
namespace fs = std::filesystem;

namespace {

/// A results folder, and a script in place of spine-pipeline; $here is the folder around both.
class Measured {
 public:
  explicit Measured(const std::string& script) : output_(dir_ / "out"), dropped_(output_) {
    fs::create_directories(output_);
    dropped_.prepare();
    how_.program =
        write_script(dir_ / "spine-pipeline",
                     "here=" + dir_.path().string() + "\necho \"$@\" >>$here/asked\n" + script);
    how_.names.add(dir_ / "films", "FILMS");
    how_.on_problem = [this](const std::string& line) {
      const std::lock_guard lock(mutex_);
      problems_.push_back(line);
    };
  }

  /// Begins, over the results that are there.
  void start(std::vector<std::string> films = {}) {
    how_.films = std::move(films);
    cohort_.emplace(Cohort::or_empty(output_));
    measuring_.emplace(how_, *cohort_, dropped_, *library_);
  }
  /// Waits until nothing is done any more.
  void finish() {
    for (int i = 0; i < 400 && measuring_->is_busy(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(25));
    }
    REQUIRE_FALSE(measuring_->is_busy());
  }
  std::string drop(const std::string& content) {
    const fs::path upload = dropped_.folder() / ".upload-1";
    std::ofstream(upload) << content;
    return measuring_->add(upload);
  }
  void stop() { measuring_.reset(); }
  void take_at_most(std::size_t films) { how_.most_waiting = films; }
  /// Looks for films in a folder.
  void give(const fs::path& films) {
    batch::InputOptions input;
    input.inputs = {films};
    library_.emplace(input);
  }

  [[nodiscard]] fs::path operator/(const std::string& name) const { return dir_ / name; }
  [[nodiscard]] const std::vector<CohortStudy>& studies() {
    studies_ = *cohort_->studies();
    return studies_;
  }
  [[nodiscard]] nlohmann::json state() const { return measuring_->state(); }
  /// The command lines so far.
  [[nodiscard]] std::string asked() const { return content_of(dir_ / "asked"); }
  [[nodiscard]] std::vector<std::string> problems() {
    const std::lock_guard lock(mutex_);
    return problems_;
  }

 private:
  TempDir dir_;
  fs::path output_;
  DroppedFilms dropped_;
  std::optional<FilmLibrary> library_{std::in_place};
  MeasuringOptions how_;
  std::mutex mutex_;
  std::vector<std::string> problems_;
  std::optional<Cohort> cohort_;
  std::vector<CohortStudy> studies_;
  std::optional<Measuring> measuring_;
};

/// A command that writes an event of the log.
std::string event(const std::string& study, const std::string& status,
                  const std::string& more = "") {
  return "echo '{\"event\":\"study\",\"study\":\"" + study + "\",\"path\":\"" + study +
         ".png\",\"status\":\"" + status + "\"" + more + "}' >&3\n";
}

}  // namespace

TEST_CASE("studies join the list as they are finished") {
  Measured measured("echo '{\"event\":\"start\",\"studies\":2}' >&3\n" + event("s0", "ok") +
                    event("bad", "unreadable", ",\"error\":\"cut off\"") +
                    "echo noise >&3; exit 4");
  const auto spine = random_spine(20);
  const auto values =
      write_study(measured / "out/s0", true_landmarks(spine), true_spacing(spine), {"order"});
  measured.start({"films"});
  measured.finish();
  const auto& studies = measured.studies();
  REQUIRE(studies.size() == 2);
  CHECK(studies[0].id == "s0");
  CHECK(studies[0].flags == std::vector<std::string>{"order"});
  CHECK(*studies[0].ll == Approx(*values.find("LL")->value).margin(0.001));
  CHECK(studies[1].error == "cut off");
  CHECK(measured.state()["all"] == 2);
  CHECK(measured.state()["done"] == 2);
  CHECK(measured.state()["problem"] == "");
  CHECK(measured.problems().empty());
  CHECK(measured.asked() == "films --output " + (measured / "out").string() +
                                " --add --wait --no-progress --log /dev/fd/3\n");
}

TEST_CASE("a run that fails is told with its last messages, without the folder's name") {
  Measured measured(
      "for i in 1 2 3 4 5 6 7; do echo \"$i: $here/out\" >&2; done; echo $here/films >&2; exit 1");
  measured.start({"films"});
  measured.finish();
  const auto state = measured.state();
  CHECK(state["problem"] == "spine-pipeline ended with exit code 1");
  CHECK(state["failures"] == 1);
  CHECK(state["details"].size() == 5);
  CHECK(state["details"][3] == "7: RESULTS");
  CHECK(state["details"][4] == "FILMS");
  REQUIRE(measured.problems().size() == 1);
  CHECK(contains(measured.problems()[0], "exit code 1\n  4: RESULTS\n"));
}

TEST_CASE("films that have rows are not measured again, others are") {
  Measured measured(event("b", "ok", ",\"skipped\":true"));
  write_results(measured / "out", 0);
  for (const char* name : {"films/broken.png", "films/b.png"}) {
    fs::create_directories((measured / name).parent_path());
    cv::Mat pixels(40, 30, CV_8UC1);
    cv::randu(pixels, cv::Scalar(0), cv::Scalar(255));
    write_image(measured / name, pixels);
  }
  measured.give(measured / "films");
  measured.start({"films"});
  measured.finish();
  CHECK(contains(measured.asked(), "films --output"));
  measured.stop();
  fs::remove(measured / "asked");
  fs::remove(measured / "films/b.png");
  measured.give(measured / "films");
  measured.start({"films"});
  measured.finish();
  CHECK(measured.asked().empty());
}

TEST_CASE("results that a run may not replace stay in the list") {
  Measured measured(event("s0", "output", ",\"error\":\"results of another set of options\"") +
                    event("s1", "interrupted"));
  write_results(measured / "out", 1);
  measured.start();
  measured.drop("film");
  measured.finish();
  for (const auto& study : measured.studies()) {
    if (study.id == "s0") CHECK(study.status == "ok");
    CHECK(study.id != "s1");
  }
}

TEST_CASE("dropped films wait for the run under way, and are measured together") {
  Measured measured(
      "tail -n +2 \"$2\" | tr '\\n' ';' >>$here/runs; echo >>$here/runs\n"
      "while [ ! -e $here/go ]; do sleep 0.02; done\n");
  measured.start();
  CHECK(measured.drop("a") == "film_0001");
  for (int i = 0; i < 400 && measured.state()["waiting"] != 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  CHECK(measured.drop("b") == "film_0002");
  CHECK(measured.drop("c") == "film_0003");
  CHECK(measured.state()["waiting"] == 2);
  std::ofstream(measured / "go") << "go";
  measured.finish();
  CHECK(content_of(measured / "runs") ==
        "film_0001,film_0001;\nfilm_0002,film_0002;film_0003,film_0003;\n");
  // They have no rows: next time they are measured again.
  measured.stop();
  fs::remove(measured / "runs");
  measured.start();
  measured.finish();
  CHECK(
      contains(content_of(measured / "runs"), "film_0001,film_0001;film_0002,film_0002;film_0003"));
}

TEST_CASE("an empty film is refused, and so is one too many") {
  Measured measured("while :; do sleep 0.02; done");
  measured.take_at_most(3);
  measured.start({"films"});
  CHECK(contains(message_of(ErrorKind::usage, [&] { measured.drop(""); }), "an empty file"));
  for (const char* film : {"a", "b", "c"}) measured.drop(film);
  CHECK(contains(message_of(ErrorKind::usage, [&] { measured.drop("x"); }), "waiting films"));
}

TEST_CASE("a run is stopped with its server") {
  Measured measured(
      "trap 'echo stopped >$here/end; exit 130' TERM\n"
      "echo '{\"event\":\"start\",\"studies\":9}' >&3\n"
      "while :; do sleep 0.02; done");
  measured.start({"films"});
  for (int i = 0; i < 400 && measured.state()["all"] != 9; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  CHECK(measured.state()["running"] == true);
  measured.stop();
  CHECK(content_of(measured / "end") == "stopped\n");
  CHECK(measured.problems().empty());
}
