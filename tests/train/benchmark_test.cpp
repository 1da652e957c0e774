#include "spine/train/benchmark.h"

#include "infer/tiny_network.h"
#include "support/catch.h"

TEST_CASE("Speed is measured") {
  spine::train::SegmentationOptions options;
  options.network = spine::test::tiny_config();
  options.network_file = "tiny";
  options.device = "cpu";
  options.batch = 2;
  options.threads = 1;
  const auto speed = spine::train::measure_speed(options, 1);
  CHECK(speed.training_films_per_second > 0);
  CHECK(speed.inference_seconds > 0);
  CHECK(speed.inference_bf16_seconds > 0);
  std::int64_t parameters = 0;
  for (const auto& p : spine::test::tiny_network(1)->parameters()) parameters += p.numel();
  CHECK(speed.parameters == parameters);
}
