#include "spine/train/run_state.h"

#include <fstream>

#include "infer/tiny_network.h"
#include "support/catch.h"
#include "support/temp_dir.h"

#include "spine/core/error.h"
#include "spine/infer/checkpoint.h"

using namespace spine;

namespace {

train::RunState fresh() {
  return train::make_run_state(test::tiny_config(), "tiny", torch::kCPU, 0.01);
}

void step(train::RunState& state) {
  state.optimizer->zero_grad();
  state.network->forward(torch::randn({1, 2, 64, 64})).pow(2).mean().backward();
  state.optimizer->step();
  ++state.step;
  state.update_average(0.99);
}

}  // namespace

TEST_CASE("A restored run continues as if it had not stopped") {
  const test::TempDir folder;
  torch::manual_seed(1);
  auto state = fresh();
  step(state);
  state.seconds = 12.5;
  state.curve.push_back({{"dice", 0.5}});
  state.keep_best(0.75);
  save_run_state(folder / "c.pt", state);
  step(state);

  torch::manual_seed(77);
  auto other = fresh();
  load_run_state(folder / "c.pt", other);
  CHECK(other.step == 1);
  CHECK(other.seconds == 12.5);
  CHECK(other.best_score == 0.75);
  CHECK(other.best_step == 1);
  REQUIRE(other.best.size() == state.average.size());
  for (const auto& [name, tensor] : state.best) CHECK(torch::equal(tensor, other.best.at(name)));
  CHECK(other.curve.at(0).at("dice") == 0.5);
  step(other);  // with the dropout and data of the saved generator
  const auto expected = state_of(*state.network);
  for (const auto& [name, tensor] : state_of(*other.network)) {
    INFO(name);
    CHECK(torch::equal(tensor, expected.at(name)));
    CHECK(torch::equal(other.average.at(name), state.average.at(name)));
  }
}

TEST_CASE("The moving average follows the weights") {
  torch::manual_seed(2);
  auto state = fresh();
  const std::string name = "segmentation_head.0.bias";
  const torch::NoGradGuard no_grad;
  auto bias = state_of(*state.network).at(name);
  const auto before = state.average.at(name).clone();
  bias.add_(1.0);
  state.step = 1'000'000;
  state.update_average(0.9);
  CHECK(torch::allclose(state.average.at(name), before + 0.1, 1e-4, 1e-5));
}

TEST_CASE("A checkpoint of another network or a damaged one is rejected") {
  const test::TempDir folder;
  auto state = fresh();
  save_run_state(folder / "c.pt", state);
  auto config = test::tiny_config();
  config["vit"]["mlp"] = 32;
  auto other = train::make_run_state(config, "other", torch::kCPU, 0.01);
  try {
    load_run_state(folder / "c.pt", other);
    FAIL("a checkpoint of another network was loaded");
  } catch (const Error& error) {
    CHECK(std::string(error.what()).find("another configuration") != std::string::npos);
  }
  std::ofstream(folder / "x.pt") << "rubbish";
  CHECK_THROWS_AS(load_run_state(folder / "x.pt", other), Error);
  CHECK_THROWS_AS(load_run_state(folder / "missing.pt", other), Error);
  CHECK_THROWS_AS(save_run_state(folder / "no" / "c.pt", state), Error);
}
