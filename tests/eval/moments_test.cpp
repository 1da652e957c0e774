#include "spine/eval/moments.h"

#include <cmath>

#include "support/catch.h"
#include "support/near.h"

using namespace spine;
using spine::test::near;

TEST_CASE("mean and standard deviation of a sample") {
  CHECK(mean({2, 4, 9}) == near(5));
  CHECK(std::isnan(mean({})));
  CHECK(sample_sd({2, 4, 9}) == near(std::sqrt(13.0)));
  CHECK(sample_sd({2}) == near(0));
}

TEST_CASE("constant lists have no correlation") {
  CHECK(*correlation({1, 2, 3}, {5, 7, 9}) == near(1));
  CHECK(*correlation({1, 2, 3}, {9, 7, 5}) == near(-1));
  CHECK(*correlation({1, 2, 3, 4}, {1, 3, 2, 4}) == near(0.8));
  CHECK_FALSE(correlation({1, 2, 3}, {4, 4, 4}).has_value());
  CHECK_FALSE(correlation({1}, {2}).has_value());
}

TEST_CASE("percentiles interpolate between ranks") {
  CHECK_FALSE(percentile_of({}, 50).has_value());
  CHECK(*percentile_of({7}, 90) == near(7));
  CHECK(*percentile_of({4, 1, 3, 2}, 50) == near(2.5));
  CHECK(*percentile_of({1, 2, 3, 4, 5}, 90) == near(4.6));
}
