#include "spine/nets/precision.h"

#include "support/catch.h"

#include "spine/core/error.h"

using namespace spine;

TEST_CASE("Precision is chosen by name") {
  CHECK(choose_precision("fp32", torch::kCPU) == Precision::fp32);
  CHECK(choose_precision("bf16", torch::kCPU) == Precision::bf16);
  CHECK_NOTHROW(choose_precision("auto", torch::kCPU));
  CHECK_THROWS_AS(choose_precision("fp8", torch::kCPU), spine::Error);
}

TEST_CASE("Convolutions run in bfloat16 while mixed precision lives, and only then") {
  const auto x = torch::randn({1, 2, 5, 5});
  const auto w = torch::randn({3, 2, 3, 3});
  {
    const MixedPrecision mixed(Precision::bf16, torch::kCPU);
    CHECK(torch::conv2d(x, w).scalar_type() == torch::kBFloat16);
  }
  CHECK(torch::conv2d(x, w).scalar_type() == torch::kFloat);
  const MixedPrecision plain(Precision::fp32, torch::kCPU);
  CHECK(torch::conv2d(x, w).scalar_type() == torch::kFloat);
}
