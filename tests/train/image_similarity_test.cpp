#include "spine/train/image_similarity.h"

#include <cmath>

#include "support/catch.h"

using namespace spine::train;

TEST_CASE("equal images have maximum similarity") {
  torch::manual_seed(1);
  const auto a = torch::rand({2, 1, 32, 32});
  CHECK(gradient_difference(a, a).item<double>() == 0);
  CHECK(structural_similarity(a, a, 1).item<double>() == Approx(1).epsilon(1e-4));
  CHECK(std::isinf(peak_signal_to_noise(a, a, 1)));
}

TEST_CASE("a constant offset affects PSNR but not gradients") {
  const auto a = torch::rand({1, 1, 32, 32});
  CHECK(gradient_difference(a, a + 0.25).item<double>() == Approx(0).margin(1e-5));
  CHECK(peak_signal_to_noise(a, a + 0.1, 1) == Approx(20).epsilon(1e-4));
  CHECK(peak_signal_to_noise(2 * a, 2 * a + 0.2, 2) == Approx(20).epsilon(1e-4));
}

TEST_CASE("similarity falls with noise and with blur") {
  torch::manual_seed(2);
  const auto a = torch::nn::functional::interpolate(
      torch::rand({1, 1, 16, 16}),
      torch::nn::functional::InterpolateFuncOptions().size(std::vector<std::int64_t>{64, 64}));
  const auto little = structural_similarity(a, a + 0.05 * torch::randn_like(a), 1).item<double>();
  const auto much = structural_similarity(a, a + 0.3 * torch::randn_like(a), 1).item<double>();
  CHECK(little < 1);
  CHECK(much < little);
  CHECK(gradient_difference(a, torch::avg_pool2d(a, 3, 1, 1)).item<double>() > 0.05);
}
