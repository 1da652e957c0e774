#include "spine/nets/upsample.h"

#include "support/catch.h"

namespace {

torch::Tensor reference(const torch::Tensor& x) {
  return torch::upsample_bilinear2d(x, {2 * x.size(2), 2 * x.size(3)}, /*align_corners=*/true);
}

}  // namespace

TEST_CASE("Upsampling and its gradient equal LibTorch's") {
  torch::manual_seed(3);
  const auto size =
      GENERATE(as<std::vector<std::int64_t>>{}, std::vector<std::int64_t>{2, 3, 1, 1},
               std::vector<std::int64_t>{1, 5, 2, 7}, std::vector<std::int64_t>{3, 16, 16, 9});
  const auto layout = GENERATE(at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast);
  const auto values = torch::randn(size).contiguous(layout);
  const auto weights = torch::randn({size[0], size[1], 2 * size[2], 2 * size[3]});

  auto a = values.clone().requires_grad_();
  auto b = values.clone().requires_grad_();
  const auto ours = spine::upsample_twice(a);
  const auto theirs = reference(b);
  CHECK(torch::allclose(ours, theirs, 1e-5, 1e-6));
  (ours * weights).sum().backward();
  (theirs * weights).sum().backward();
  CHECK(torch::allclose(a.grad(), b.grad(), 1e-4, 1e-5));
}

TEST_CASE("The gradient of upsampling keeps bfloat16's precision") {
  torch::manual_seed(4);
  const auto values = torch::randn({2, 8, 12, 12});
  const auto weights = torch::randn({2, 8, 24, 24}).to(torch::kBFloat16);
  auto narrow = values.to(torch::kBFloat16).requires_grad_();
  auto wide = values.clone().requires_grad_();
  (spine::upsample_twice(narrow) * weights).sum().backward();
  (reference(wide) * weights.to(torch::kFloat)).sum().backward();
  REQUIRE(narrow.grad().scalar_type() == torch::kBFloat16);
  CHECK(torch::allclose(narrow.grad().to(torch::kFloat), wide.grad(), 0.01, 0.01));
}
