#include "spine/eval/agreement_text.h"

#include <limits>

#include "support/catch.h"

using namespace spine;

TEST_CASE("An estimate is formatted with its interval, if any") {
  CHECK(format_estimate(Estimate{0.7148, 0.3425, 0.9459}, 2) == "0.71 (0.34 to 0.95)");
  CHECK(format_estimate(std::nullopt, 2) == "not enough cases");
  CHECK(format_estimate(std::nullopt, 2, "no differences") == "no differences");
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  CHECK(format_estimate(Estimate{0.7148, kNan, kNan}, 2) == "0.71 (no interval)");
}
