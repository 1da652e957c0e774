#include "spine/train/segmentation.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "infer/tiny_network.h"
#include "phantom.h"
#include "support/catch.h"
#include "support/temp_dir.h"
#include "support/throws.h"
#include "training_record.h"

#include "spine/core/error.h"
#include "spine/infer/checkpoint.h"
#include "spine/util/atomic_file.h"

using namespace spine;
using test::training_record;
using train::SegmentationOptions;

namespace {

SegmentationOptions tiny_segmentation(const std::filesystem::path& output) {
  SegmentationOptions options;
  options.network = test::tiny_config();
  options.network_file = "tiny";
  options.views = test::tiny_input().views;
  options.output = output;
  options.steps = 4;
  options.batch = 2;
  options.warmup_steps = 2;
  options.device = "cpu";
  options.precision = "fp32";
  options.threads = 1;
  return options;
}

/// Stops after a number of steps.
train::TrainingHooks stop_after(int steps) {
  train::TrainingHooks hooks;
  hooks.stop = [steps, asked = 0]() mutable { return asked++ >= steps; };
  return hooks;
}

}  // namespace

TEST_CASE("Stopping and resuming gives the weights of an uninterrupted run") {
  const test::TempDir folder;
  test::PhantomSource films;
  const auto whole = train_segmentation(tiny_segmentation(folder / "whole"), films, {}, {});
  CHECK(whole.finished);
  CHECK(whole.steps == 4);

  auto options = tiny_segmentation(folder / "parts");
  const auto part = train_segmentation(options, films, {}, stop_after(2));
  CHECK_FALSE(part.finished);
  CHECK(part.steps == 2);
  CHECK_THROWS_AS(train_segmentation(options, films, {}, {}), Error);  // would overwrite
  options.resume = true;
  const auto rest = train_segmentation(options, films, {}, {});
  CHECK(rest.finished);
  CHECK(rest.steps == 4);

  const auto a = state_of(*load_network(folder / "whole" / "best.safetensors").network);
  const auto b = state_of(*load_network(folder / "parts" / "best.safetensors").network);
  for (const auto& [name, tensor] : a) {
    INFO(name);
    CHECK(torch::equal(tensor, b.at(name)));
  }
}

namespace {

/// A score that depends only on the weights and varies strongly.
train::Validator weights_decide(std::vector<double>* scores = nullptr) {
  return [scores](const train::Predictor& predict) {
    cv::Mat square(64, 64, CV_32FC1);
    for (int y = 0; y < 64; ++y) square.row(y).setTo(y / 64.0);
    const auto logits = predict({{square, square}});
    const double sum = cv::sum(logits.at(0).at(0))[0] * 1e3;
    train::Validation result;
    result.mean_dice = sum - std::floor(sum);
    for (const auto& name : train::output_names(train::Target::structures)) result.dice[name] = 0;
    if (scores != nullptr) scores->push_back(result.mean_dice);
    return result;
  };
}

/// Always the same score.
train::Validator scores_all(double score) {
  return [score](const train::Predictor&) {
    train::Validation result;
    result.mean_dice = score;
    for (const auto& name : train::output_names(train::Target::structures)) result.dice[name] = 0;
    return result;
  };
}

/// Simulates a crash after a number of steps: nothing is saved.
train::TrainingHooks crash_after(int steps) {
  train::TrainingHooks hooks;
  hooks.stop = [steps, asked = 0]() mutable -> bool {
    if (asked++ >= steps) throw std::runtime_error("crash");
    return false;
  };
  return hooks;
}

/// The curve without timing columns.
nlohmann::json timeless_curve(const std::filesystem::path& run) {
  nlohmann::json curve = training_record(run).at("validation_curve");
  for (auto& point : curve) point.erase("hours");
  return curve;
}

SegmentationOptions validated_options(const std::filesystem::path& output) {
  SegmentationOptions options = tiny_segmentation(output);
  options.steps = 12;
  options.validation_steps = 2;
  options.learning_rate = 1e-2;
  options.ema_decay = 0.5;
  return options;
}

}  // namespace

TEST_CASE("Two runs of the same seeds choose the same best weights, killed and resumed or not") {
  const test::TempDir folder;
  test::PhantomSource films;
  std::vector<double> scores;
  const auto straight = folder / "straight";
  train_segmentation(validated_options(straight), films, weights_decide(&scores), {});
  REQUIRE(scores.size() == 6);
  const auto best = std::max_element(scores.begin(), scores.end()) - scores.begin();
  CHECK(training_record(straight).at("best_step") == 2 * (best + 1));
  const std::string expected = read_file(straight / "best.safetensors");

  SECTION("validated no less often than is asked, whatever the clock says") {
    auto options = validated_options(folder / "again");
    options.checkpoint_minutes = 0;  // saved after every step
    train_segmentation(options, films, weights_decide(), {});
    CHECK((read_file(folder / "again" / "best.safetensors") == expected));
  }
  SECTION("killed after any step") {
    for (int steps = 1; steps < 12; ++steps) {
      INFO("killed after " << steps);
      const auto run = folder / ("killed" + std::to_string(steps));
      auto options = validated_options(run);
      if (steps % 3 == 0) options.checkpoint_minutes = 0;
      CHECK_THROWS_WITH(train_segmentation(options, films, weights_decide(), crash_after(steps)),
                        "crash");
      options.resume = std::filesystem::exists(run / "checkpoint.pt");
      train_segmentation(options, films, weights_decide(), {});
      CHECK((read_file(run / "best.safetensors") == expected));
      CHECK(timeless_curve(run) == timeless_curve(straight));
      CHECK(training_record(run).at("best_step") == training_record(straight).at("best_step"));
    }
  }
  SECTION("stopped twice") {
    auto options = validated_options(folder / "stopped");
    train_segmentation(options, films, weights_decide(), stop_after(3));
    options.resume = true;
    train_segmentation(options, films, weights_decide(), stop_after(4));
    train_segmentation(options, films, weights_decide(), {});
    CHECK((read_file(folder / "stopped" / "best.safetensors") == expected));
    // A finished run is not validated again.
    train_segmentation(options, films, weights_decide(), {});
    CHECK(timeless_curve(folder / "stopped") == timeless_curve(straight));
  }
}

TEST_CASE("Validation does not affect training") {
  const test::TempDir folder;
  test::PhantomSource films;
  auto options = tiny_segmentation(folder / "seldom");
  train_segmentation(options, films, {}, {});
  options.output = folder / "often";
  options.validation_steps = 1;
  train_segmentation(options, films, scores_all(0.5), {});  // the last of equal ones is the best
  CHECK((read_file(folder / "seldom" / "best.safetensors") ==
         read_file(folder / "often" / "best.safetensors")));
}

TEST_CASE("After a crash worse weights do not replace the best") {
  const test::TempDir folder;
  test::PhantomSource films;
  const auto run = folder / "run";
  auto options = validated_options(run);
  CHECK_THROWS_WITH(train_segmentation(options, films, scores_all(0.9), crash_after(3)), "crash");
  const std::string best = read_file(run / "best.safetensors");
  REQUIRE_FALSE(best.empty());
  options.resume = true;
  SECTION("as they are") {}
  SECTION("when the crash fell between checkpoint and weights") {
    std::ofstream(run / "best.safetensors") << "older weights";
  }
  train_segmentation(options, films, scores_all(0.4), {});
  CHECK((read_file(run / "best.safetensors") == best));
  CHECK(training_record(run).at("best_validation_dice") == 0.9);
  CHECK(training_record(run).at("best_step") == 2);
}

TEST_CASE("A time limit ends a run of planned steps without changing its learning rate") {
  const test::TempDir folder;
  test::PhantomSource films;
  auto options = tiny_segmentation(folder / "run");
  options.steps = 1000;
  options.hours = 1e-9;
  std::vector<std::string> messages;
  train::TrainingHooks hooks;
  hooks.message = [&](const std::string& text) { messages.push_back(text); };
  const auto result = train_segmentation(options, films, {}, hooks);
  CHECK(result.finished);
  CHECK(result.steps == 1);
  REQUIRE(messages.size() == 1);
  CHECK(messages[0].find("ended by --hours at step 1 of 1000") == 0);

  options.output = folder / "hours";
  options.steps = 0;
  train_segmentation(options, films, {}, hooks);
  CHECK(messages.at(1).find("use --steps or --epochs for reproducible weights") !=
        std::string::npos);
}

TEST_CASE("Training reduces the loss") {
  const test::TempDir folder;
  test::PhantomSource films;
  auto options = tiny_segmentation(folder / "run");
  options.steps = 40;
  options.learning_rate = 5e-3;
  options.augment.max_rotation_deg = 0;
  options.augment.min_scale = options.augment.max_scale = 1;
  options.augment.max_shift = 0;
  options.augment.mirror_chance = 0;
  options.augment.grey_strength = 0;
  options.precision = "bf16";
  std::string line;
  train::TrainingHooks hooks;
  hooks.progress_line = [&](const std::string& text) { line = text; };
  train_segmentation(options, films, {}, hooks);
  CHECK(line.find("100.0 %") != std::string::npos);
  // The mean over all steps: about 1.3 when nothing is learned.
  std::istringstream rows(read_file(folder / "run" / "curves.csv"));
  std::string header;
  std::string row;
  std::getline(rows, header);
  std::getline(rows, row);
  CHECK(header.rfind("step,seconds,loss,", 0) == 0);
  std::istringstream values(row);
  std::string cell;
  for (int i = 0; i < 3; ++i) std::getline(values, cell, ',');
  CHECK(std::stod(cell) < 1.15);
  CHECK(std::count(header.begin(), header.end(), ',') == std::count(row.begin(), row.end(), ','));
}

TEST_CASE("The record describes the run") {
  const test::TempDir folder;
  test::PhantomSource films;
  auto options = tiny_segmentation(folder / "run");
  options.steps = 1;
  options.record["part"] = {{"command", "spine-train seg"}};
  train_segmentation(options, films, {}, {});
  const auto record = nlohmann::json::parse(read_file(folder / "run" / "training.json"));
  CHECK(record.at("parts").at(0).at("command") == "spine-train seg");
  CHECK(record.at("parts").at(0).at("samples") == 2);
  CHECK(record.at("data") == "phantom");
  CHECK(record.at("steps") == 1);
  CHECK(record.at("samples") == 2);
  CHECK(record.at("precision") == "fp32");
  CHECK(record.at("planned_steps") == 1);
  CHECK(record.at("epochs") == 2);
  CHECK(record.at("validation_steps") == 500);
  CHECK(record.at("parts").at(0).at("seed") == 1);
  CHECK(record.at("best_validation_dice").is_null());

  options.resume = true;
  options.steps = 3;
  train_segmentation(options, films, {}, {});
  const auto longer = nlohmann::json::parse(read_file(folder / "run" / "training.json"));
  CHECK(longer.at("parts").size() == 2);
  CHECK(longer.at("parts").at(1).at("samples") == 4);
  CHECK(longer.at("samples") == 6);
}

TEST_CASE("Weights depend on the number of shards, not on the number of threads") {
  const test::TempDir folder;
  test::PhantomSource films;
  const auto weights_of = [&](const std::string& name, int shards, int threads) {
    auto options = validated_options(folder / name);
    options.batch = 4;
    options.shards = shards;
    options.threads = threads;
    train_segmentation(options, films, weights_decide(), {});
    CHECK(training_record(folder / name).at("shards") == shards);
    return read_file(folder / name / "best.safetensors");
  };
  const std::string two = weights_of("two", 2, 1);
  CHECK((two == weights_of("two_threads", 2, 2)));
  CHECK((two == weights_of("three_threads", 2, 3)));
  CHECK((two != weights_of("one", 1, 1)));
}

TEST_CASE("A run in shards resumes exactly, with its number of shards only") {
  const test::TempDir folder;
  test::PhantomSource films;
  auto options = validated_options(folder / "straight");
  options.batch = 4;
  options.shards = 2;
  options.threads = 2;
  train_segmentation(options, films, weights_decide(), {});
  options.output = folder / "stopped";
  train_segmentation(options, films, weights_decide(), stop_after(5));
  options.resume = true;
  options.shards = 4;
  const auto message = test::message_of(
      ErrorKind::usage, [&] { train_segmentation(options, films, weights_decide(), {}); });
  CHECK(test::contains(message, "number of shards with which it started, 2"));
  options.shards = 0;
  train_segmentation(options, films, weights_decide(), {});
  CHECK(training_record(folder / "stopped").at("shards") == 2);
  CHECK((read_file(folder / "stopped" / "best.safetensors") ==
         read_file(folder / "straight" / "best.safetensors")));
}

TEST_CASE("The number of shards is chosen by the batch") {
  const test::TempDir folder;
  test::PhantomSource films;
  auto options = tiny_segmentation(folder / "run");
  options.steps = 1;
  options.batch = 8;
  options.threads = 3;
  std::vector<std::string> messages;
  train::TrainingHooks hooks;
  hooks.message = [&](const std::string& text) { messages.push_back(text); };
  train_segmentation(options, films, {}, hooks);
  CHECK(training_record(folder / "run").at("shards") == 2);
  REQUIRE(messages.size() == 1);
  CHECK(messages[0].find("training in 2 shards uses as many of 3 threads") == 0);
}

TEST_CASE("Invalid options are rejected before anything is trained") {
  const test::TempDir folder;
  test::PhantomSource films;
  auto options = tiny_segmentation(folder / "run");
  options.steps = 0;
  CHECK_THROWS_AS(train_segmentation(options, films, {}, {}), Error);
  options = tiny_segmentation(folder / "run");
  options.views = {"original"};
  CHECK_THROWS_AS(train_segmentation(options, films, {}, {}), Error);
  options = tiny_segmentation(folder / "run");
  options.network["colour"] = 1;
  CHECK_THROWS_AS(train_segmentation(options, films, {}, {}), Error);
  options = tiny_segmentation(folder / "run");
  options.resume = true;
  CHECK_THROWS_AS(train_segmentation(options, films, {}, {}), Error);
}
