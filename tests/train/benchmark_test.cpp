#include "spine/train/benchmark.h"

#include <chrono>

#include "infer/tiny_network.h"
#include "support/catch.h"

TEST_CASE("Speed is measured") {
  spine::train::SegmentationOptions options;
  options.network = spine::test::tiny_config();
  options.network_file = "tiny";
  options.device = "cpu";
  options.batch = 2;
  options.threads = 1;
  constexpr int kSteps = 4;
  const auto start = std::chrono::steady_clock::now();
  const auto speed = spine::train::measure_speed(options, kSteps);
  const std::chrono::duration<double> all = std::chrono::steady_clock::now() - start;
  // The steps that are timed take part of the whole time, and no negligible one.
  REQUIRE(speed.training_films_per_second > 0);
  const double training = kSteps * 2 / speed.training_films_per_second;
  const double inference = kSteps * (speed.inference_seconds + speed.inference_bf16_seconds);
  CHECK(training + inference < all.count());
  CHECK(training + inference > 0.01 * all.count());
  // A training step takes longer than the forward pass of one film.
  CHECK(training / kSteps > speed.inference_seconds);
  std::int64_t parameters = 0;
  for (const auto& p : spine::test::tiny_network(1)->parameters()) parameters += p.numel();
  CHECK(speed.parameters == parameters);
}
