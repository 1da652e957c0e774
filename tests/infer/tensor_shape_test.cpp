#include "spine/infer/tensor_shape.h"

#include <limits>

#include "support/catch.h"

using namespace spine;

TEST_CASE("Shapes are counted, impossible ones are not") {
  constexpr std::int64_t kLarge = std::int64_t{1} << 40U;
  CHECK(element_count({}) == 1);
  CHECK(element_count({2, 3, 4}) == 24);
  CHECK(element_count({5, 0, 7}) == 0);
  CHECK(element_count({kLarge}) == kLarge);
  CHECK(element_count({0, kLarge}) == 0);
  CHECK(!element_count({-1}));
  CHECK(!element_count({kLarge, kLarge}));
  CHECK(!element_count({0, kLarge, kLarge}));
  CHECK(!element_count({kLarge, kLarge, 0}));
  CHECK(!element_count({std::numeric_limits<std::int64_t>::max()}));
  CHECK(element_count(std::vector<std::int64_t>(kMaxDimensions, 1)) == 1);
  CHECK(!element_count(std::vector<std::int64_t>(kMaxDimensions + 1, 1)));
}
