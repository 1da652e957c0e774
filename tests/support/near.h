#pragma once
#include "support/catch.h"

namespace spine::test {

#if SPINE_CATCH2_MAJOR >= 3
using NearValue = Catch::Approx;
#else
using NearValue = Catch::Detail::Approx;
#endif

/// `CHECK(x == near(3.0, 0.1))`: equal within an absolute tolerance and no relative one.
inline NearValue near(double value, double tolerance = 1e-9) {
  return NearValue(value).epsilon(0).margin(tolerance);
}

}  // namespace spine::test
