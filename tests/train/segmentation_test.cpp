#include "spine/train/segmentation.h"

#include <fstream>
#include <sstream>

#include "infer/tiny_network.h"
#include "phantom.h"
#include "support/catch.h"
#include "support/temp_dir.h"

#include "spine/core/error.h"
#include "spine/infer/checkpoint.h"

using namespace spine;
using train::SegmentationOptions;

namespace {

SegmentationOptions tiny_options(const std::filesystem::path& output) {
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

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("Stopping and resuming gives the weights of an uninterrupted run") {
  const test::TempDir folder;
  test::PhantomSource films;
  const auto whole = train_segmentation(tiny_options(folder / "whole"), films, {}, {});
  CHECK(whole.finished);
  CHECK(whole.steps == 4);

  auto options = tiny_options(folder / "parts");
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

TEST_CASE("Training lowers the loss on what it sees") {
  const test::TempDir folder;
  test::PhantomSource films;
  auto options = tiny_options(folder / "run");
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
  std::istringstream rows(text_of(folder / "run" / "curves.csv"));
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

TEST_CASE("The record says how a run came about") {
  const test::TempDir folder;
  test::PhantomSource films;
  auto options = tiny_options(folder / "run");
  options.steps = 1;
  options.record["part"] = {{"command", "spine-train seg"}};
  train_segmentation(options, films, {}, {});
  const auto record = nlohmann::json::parse(text_of(folder / "run" / "training.json"));
  CHECK(record.at("parts").at(0).at("command") == "spine-train seg");
  CHECK(record.at("parts").at(0).at("samples") == 2);
  CHECK(record.at("data") == "phantom");
  CHECK(record.at("steps") == 1);
  CHECK(record.at("samples") == 2);
  CHECK(record.at("precision") == "fp32");

  options.resume = true;
  options.steps = 3;
  train_segmentation(options, films, {}, {});
  const auto longer = nlohmann::json::parse(text_of(folder / "run" / "training.json"));
  CHECK(longer.at("parts").size() == 2);
  CHECK(longer.at("parts").at(1).at("samples") == 4);
  CHECK(longer.at("samples") == 6);
}

TEST_CASE("Impossible options are refused before anything is trained") {
  const test::TempDir folder;
  test::PhantomSource films;
  auto options = tiny_options(folder / "run");
  options.steps = 0;
  CHECK_THROWS_AS(train_segmentation(options, films, {}, {}), Error);
  options = tiny_options(folder / "run");
  options.views = {"original"};
  CHECK_THROWS_AS(train_segmentation(options, films, {}, {}), Error);
  options = tiny_options(folder / "run");
  options.network["colour"] = 1;
  CHECK_THROWS_AS(train_segmentation(options, films, {}, {}), Error);
  options = tiny_options(folder / "run");
  options.resume = true;
  CHECK_THROWS_AS(train_segmentation(options, films, {}, {}), Error);
}
