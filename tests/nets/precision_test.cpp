#include "spine/nets/precision.h"

#include "support/catch.h"

#include "spine/core/error.h"

using namespace spine;

TEST_CASE("Precision is chosen by name") {
  for (const auto purpose : {Purpose::training, Purpose::inference}) {
    CHECK(choose_precision("fp32", torch::kCPU, purpose) == Precision::fp32);
    CHECK(choose_precision("bf16", torch::kCPU, purpose) == Precision::bf16);
    CHECK(choose_precision("auto", torch::kCUDA, purpose) == Precision::bf16);
    CHECK_THROWS_AS(choose_precision("fp8", torch::kCPU, purpose), spine::Error);
  }
}

TEST_CASE("Inference on a CPU does not depend on its instruction set") {
  CHECK(choose_precision("auto", torch::kCPU, Purpose::inference) == Precision::fp32);
  CHECK_NOTHROW(choose_precision("auto", torch::kCPU, Purpose::training));
}

TEST_CASE("Denormal numbers are flushed in scope only") {
  const auto half = [] { return (torch::full({1}, 1.2e-38F) * 0.5F).item<float>(); };
  {
    const NoDenormals none;
    CHECK(half() == 0);
  }
  CHECK(half() > 0);
}

TEST_CASE("Convolutions run in bfloat16 in the scope of mixed precision only") {
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
