#include "spine/nets/pen.h"

#include "support/catch.h"

TEST_CASE("PEN is a padded 7x7 convolution that keeps a little of the negative half") {
  torch::manual_seed(1);
  spine::Pen pen(2, {});
  auto parameters = pen.named_parameters();
  REQUIRE(parameters["conv.weight"].sizes() == torch::IntArrayRef({3, 2, 7, 7}));
  const torch::NoGradGuard no_grad;
  parameters["conv.weight"].zero_();
  parameters["conv.weight"].index_put_({0, 1, 3, 3}, -1.0);  // minus the second view
  parameters["conv.bias"].zero_();
  const auto x = torch::rand({1, 2, 9, 11});
  const auto y = pen.forward(x);
  REQUIRE(y.sizes() == torch::IntArrayRef({1, 3, 9, 11}));
  CHECK(torch::allclose(y.select(1, 0), -0.01 * x.select(1, 1)));
  CHECK(y.select(1, 1).abs().max().item<float>() == 0);
}

TEST_CASE("Weights of other views keep everything but PEN") {
  const auto kernel = [](std::int64_t views) { return torch::ones({3, views, 7, 7}); };
  std::map<std::string, torch::Tensor> state{
      {"pen.conv.weight", kernel(6)}, {"pen.conv.bias", torch::ones({3})}, {"other", kernel(1)}};

  const spine::Pen same(6, {}), other(5, {});
  auto adapted = state;
  spine::adapt_pen(adapted, &same);
  CHECK(torch::equal(adapted.at("pen.conv.weight"), kernel(6)));

  spine::adapt_pen(adapted, &other);
  CHECK(torch::equal(adapted.at("pen.conv.weight"), other.named_parameters()["conv.weight"]));
  CHECK(torch::equal(adapted.at("other"), kernel(1)));

  spine::adapt_pen(adapted, nullptr);
  CHECK(adapted.size() == 1);
  spine::adapt_pen(adapted, &same);
  CHECK(torch::equal(adapted.at("pen.conv.bias"), same.named_parameters()["conv.bias"]));
}
