#include "spine/eval/error_stats.h"

#include "support/catch.h"
#include "support/near.h"

using namespace spine;
using spine::test::near;

TEST_CASE("errors are summarised over completed values, with the completed fraction") {
  const ErrorStats stats = summarise({{10, 11}, {20, 18}, {30, 33}, {40, std::nullopt}});
  CHECK(stats.count == 4);
  CHECK(stats.completed == 3);
  CHECK(stats.completed_fraction() == near(0.75));
  CHECK(stats.mean_absolute == near(2));
  CHECK(stats.sd_absolute.value() == near(1));
  CHECK(stats.median_absolute == near(2));
  CHECK(stats.max_absolute == near(3));
  CHECK(stats.percentile95_absolute == near(2.9));
  CHECK(stats.bias == near(2.0 / 3));
  // Differences 1, -2, 3: sample SD 2.5166.
  CHECK(stats.limit_low.value() == near(2.0 / 3 - 1.96 * 2.516611, 1e-5));
  CHECK(stats.limit_high.value() == near(2.0 / 3 + 1.96 * 2.516611, 1e-5));
  CHECK(stats.pearson.value() == near(0.97866, 1e-4));
}

TEST_CASE("without completed values there are counts only") {
  const ErrorStats stats = summarise({{10, std::nullopt}});
  CHECK(stats.count == 1);
  CHECK(stats.completed == 0);
  CHECK(stats.mean_absolute == 0);
  CHECK(summarise({}).completed_fraction() == 0);
}

TEST_CASE("one value has no standard deviation, a constant reference no correlation") {
  const ErrorStats one = summarise({{10, 12}});
  CHECK(one.mean_absolute == near(2));
  CHECK(one.bias == near(2));
  CHECK_FALSE(one.sd_absolute);
  CHECK_FALSE(one.limit_low);
  CHECK_FALSE(one.limit_high);
  CHECK_FALSE(summarise({{10, 12}, {10, 14}}).pearson);
}

TEST_CASE("coverage counts references within 1.645 standard errors") {
  const ErrorStats stats =
      summarise({{10, 11, 1.0}, {20, 22, 1.0}, {30, 33}, {40, std::nullopt, 1.0}});
  CHECK(stats.with_error == 2);
  CHECK(stats.covered == 1);
}
