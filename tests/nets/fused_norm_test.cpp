#include "spine/nets/fused_norm.h"

#include "support/catch.h"

#include "spine/nets/blocks.h"

using namespace spine;
using torch::Tensor;

namespace {

constexpr double kEps = 1e-5;

struct Case {
  Tensor x, weight, bias, residual;
  std::int64_t groups;
};

Case make_case(std::int64_t groups, std::int64_t channels, torch::ScalarType type) {
  torch::manual_seed(7);
  const auto map = [&] {
    return torch::randn(std::vector<std::int64_t>{2, channels, 5, 7}).mul_(3).add_(20);
  };
  const auto line = [&] { return torch::randn(std::vector<std::int64_t>{channels}); };
  Case c{map().to(type).contiguous(at::MemoryFormat::ChannelsLast), line(), line(),
         map().to(type).contiguous(at::MemoryFormat::ChannelsLast), groups};
  return c;
}

double largest_difference(const Tensor& a, const Tensor& b) {
  return (a.to(torch::kDouble) - b.to(torch::kDouble)).abs().max().item<double>();
}

}  // namespace

TEST_CASE("A fused group norm gives what LibTorch's gives in double precision") {
  for (const auto& [groups, channels] :
       {std::pair<std::int64_t, std::int64_t>{1, 3}, {8, 24}, {24, 24}, {2, 70}}) {
    for (const auto type : {torch::kFloat, torch::kBFloat16}) {
      const Case c = make_case(groups, channels, type);
      REQUIRE(can_fuse_norm(c.x));
      const Tensor plain =
          torch::group_norm(c.x.to(torch::kDouble), groups, c.weight.to(torch::kDouble),
                            c.bias.to(torch::kDouble), kEps);
      // A value is at most about 6 here; bfloat16 has 8 bits.
      const double tolerance = type == torch::kFloat ? 1e-5 : 0.04;
      const Tensor normal = group_norm_fused(c.x, groups, c.weight, c.bias, kEps);
      CHECK(normal.scalar_type() == type);
      CHECK(normal.is_contiguous(at::MemoryFormat::ChannelsLast));
      CHECK(largest_difference(normal, plain) < tolerance);
      const Tensor before = c.x.clone();
      const Tensor relu = group_norm_fused(c.x, groups, c.weight, c.bias, kEps,
                                           {.relu = true, .residual = c.residual});
      CHECK(largest_difference(relu, torch::relu(plain + c.residual.to(torch::kDouble))) <
            (type == torch::kFloat ? 1e-5 : 0.2));
      CHECK(torch::equal(c.x, before));
      const Tensor over =
          group_norm_fused(c.x, groups, c.weight, c.bias, kEps, {.in_place = true, .relu = true});
      CHECK(over.data_ptr() == c.x.data_ptr());
      CHECK(largest_difference(over, torch::relu(plain)) < tolerance);
    }
  }
}

TEST_CASE("A fused group norm does not depend on the number of threads") {
  const Case c = make_case(4, 16, torch::kFloat);
  const int before = at::get_num_threads();
  at::set_num_threads(1);
  const Tensor one = group_norm_fused(c.x, 4, c.weight, c.bias, kEps);
  at::set_num_threads(3);
  const Tensor three = group_norm_fused(c.x, 4, c.weight, c.bias, kEps);
  at::set_num_threads(before);
  CHECK(torch::equal(one, three));
}

TEST_CASE("Maps of another layout or with a gradient give the same result unfused") {
  const Case c = make_case(4, 16, torch::kFloat);
  CHECK_FALSE(can_fuse_norm(c.x.contiguous()));
  GroupNorm norm(4, 16, kEps);
  c.x.sub_(20);  // LibTorch's own sums are of float32
  Tensor traced = c.x.clone().requires_grad_(true);
  CHECK_FALSE(can_fuse_norm(traced));
  const Tensor long_way = norm.then_relu(traced, c.residual);
  CHECK(long_way.requires_grad());
  torch::NoGradGuard no_grad;
  CHECK(largest_difference(long_way.detach(), norm.then_relu(c.x, c.residual)) < 1e-5);
}

TEST_CASE("A fused group norm refuses maps that do not fit") {
  const Case c = make_case(4, 16, torch::kFloat);
  CHECK_THROWS(group_norm_fused(c.x, 3, c.weight, c.bias, kEps));
  CHECK_THROWS(group_norm_fused(c.x.contiguous(), 4, c.weight, c.bias, kEps));
  CHECK_THROWS(group_norm_fused(c.x, 4, c.weight.slice(0, 0, 8), c.bias, kEps));
  CHECK_THROWS(
      group_norm_fused(c.x, 4, c.weight, c.bias, kEps, {.residual = c.residual.slice(1, 0, 8)}));
}
