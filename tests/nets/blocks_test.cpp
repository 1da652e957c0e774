#include "spine/nets/blocks.h"

#include "support/catch.h"

TEST_CASE("Standardised filters have mean 0 and variance 1, before and after folding") {
  torch::manual_seed(1);
  spine::StdConv2d conv(3, 5, 3, 2);
  const torch::NoGradGuard no_grad;
  auto weight = conv.named_parameters()["weight"];
  weight.add_(0.3);  // shift and size must not matter
  const auto x = torch::randn({2, 3, 9, 9});
  const auto before = conv.forward(x);
  CHECK(before.sizes() == torch::IntArrayRef({2, 5, 5, 5}));
  const auto original = weight.clone();
  conv.fold();
  CHECK(torch::allclose(conv.forward(x), before, 1e-5, 1e-5));
  CHECK(weight.mean({1, 2, 3}).abs().max().item<float>() < 1e-5);
  CHECK(torch::allclose(weight.var({1, 2, 3}, false), torch::ones({5}), 1e-2, 1e-2));
  // eps is inside the root, as published: (w - m) / sqrt(v + 1e-5)
  const auto [variance, mean] = torch::var_mean(original, {1, 2, 3}, false, true);
  CHECK(torch::allclose(weight, (original - mean) / torch::sqrt(variance + 1e-5), 1e-6, 1e-6));
  conv.fold();
  CHECK(torch::allclose(conv.forward(x), before, 1e-5, 1e-5));
}

TEST_CASE("A folded batch norm gives the same values") {
  torch::manual_seed(2);
  spine::ConvBnRelu block(4, 6, 3);
  const torch::NoGradGuard no_grad;
  for (int i = 0; i < 3; ++i) block.forward(torch::randn({2, 4, 8, 8}) * 2 + 1);
  auto parameters = block.named_parameters();
  parameters["1.weight"].uniform_(0.5, 1.5);
  parameters["1.bias"].uniform_(-1, 1);
  block.eval();
  const auto x = torch::randn({2, 4, 8, 8});
  const auto before = block.forward(x);
  block.fold();
  CHECK(torch::allclose(block.forward(x), before, 1e-5, 1e-5));
  CHECK(before.min().item<float>() == 0);
}

TEST_CASE("Group normalisation equals LibTorch's and follows bfloat16") {
  torch::manual_seed(3);
  spine::GroupNorm norm(2, 6, 1e-6);
  const auto x = torch::randn({2, 6, 5, 5});
  const auto expected = torch::group_norm(x, 2, torch::ones({6}), torch::zeros({6}), 1e-6);
  CHECK(torch::allclose(norm.forward(x), expected, 1e-5, 1e-5));
  const auto narrow = norm.forward(x.to(torch::kBFloat16));
  CHECK(narrow.scalar_type() == torch::kBFloat16);
  CHECK(torch::allclose(narrow.to(torch::kFloat), expected, 0.03, 0.03));
}

TEST_CASE("Group normalisation of a large map in bfloat16 keeps values and gradients") {
  torch::manual_seed(4);
  spine::GroupNorm norm(2, 8, 1e-6);
  const auto map = 3 + 0.5 * torch::randn({1, 8, 128, 128});
  const auto wanted = torch::randn({1, 8, 128, 128});
  const auto gradient = [&](torch::ScalarType type) {
    auto x = map.clone().contiguous(at::MemoryFormat::ChannelsLast).set_requires_grad(true);
    (norm.forward(x.to(type)).to(torch::kFloat) * wanted).sum().backward();
    return x.grad();
  };
  const auto full = gradient(torch::kFloat);
  CHECK((gradient(torch::kBFloat16) - full).norm().item<double>() <
        0.02 * full.norm().item<double>());
  const auto narrow = norm.forward(map.to(torch::kBFloat16)).to(torch::kFloat);
  CHECK((narrow - norm.forward(map)).abs().mean().item<double>() < 0.02);
}

TEST_CASE("Layer normalisation equals LibTorch's, in float32 for bfloat16 too") {
  torch::manual_seed(4);
  spine::LayerNorm norm(6, 1e-5);
  const auto x = torch::randn({2, 3, 6});
  const auto expected = torch::layer_norm(x, {6});
  CHECK(torch::allclose(norm.forward(x), expected, 1e-5, 1e-6));
  const auto halves = norm.forward(x.to(torch::kBFloat16));
  CHECK(halves.scalar_type() == torch::kFloat);
  CHECK(torch::allclose(halves, expected, 0.02, 0.02));
}

TEST_CASE("A transformer's two layers keep the shape") {
  torch::manual_seed(5);
  spine::Mlp mlp(6, 24, 0.0);
  const auto x = torch::randn({2, 3, 6});
  const torch::NoGradGuard no_grad;
  CHECK(mlp.forward(x).sizes() == x.sizes());
  CHECK(mlp.named_parameters().contains("fc1.weight"));
  CHECK(mlp.forward(x).std().item<float>() > 0.05);
}

TEST_CASE("A square grid of vectors is resampled along rows and columns, feature by feature") {
  // Features: the row, the column, a constant.
  const auto grid_of = [](std::int64_t side) {
    const auto places = (torch::arange(side) + 0.5) / side;
    return torch::stack(
        {places.repeat_interleave(side), places.repeat({side}), torch::full({side * side}, 7.0)},
        1);
  };
  const auto vectors = grid_of(6);
  const auto larger = spine::resampled_grid(vectors, 9);
  REQUIRE(larger.sizes() == torch::IntArrayRef({81, 3}));
  CHECK(torch::allclose(larger, grid_of(9), 0, 0.04));  // a ramp stays one but at its ends
  CHECK(torch::equal(spine::resampled_grid(vectors, 6), vectors));
  const auto no_square = torch::zeros({7, 3});
  CHECK(torch::equal(spine::resampled_grid(no_square, 6), no_square));
}

TEST_CASE("Maps joined along their channels are LibTorch's, wherever their channels lie") {
  torch::manual_seed(5);
  const auto a = torch::randn({2, 3, 4, 5}), b = torch::randn({2, 19, 4, 5});
  const auto expected = torch::cat({a, b}, 1);
  const auto last = at::MemoryFormat::ChannelsLast;
  const auto joined = spine::join_channels(a.contiguous(last), b.contiguous(last));
  CHECK(torch::equal(joined, expected));
  CHECK(joined.is_contiguous(last));
  CHECK(torch::equal(spine::join_channels(a, b.contiguous(last)), expected));
}
