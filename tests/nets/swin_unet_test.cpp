#include "spine/nets/swin_unet.h"

#include <map>

#include "shapes.h"
#include "support/catch.h"

using spine::test::parameter_count;
using spine::test::published_shapes;
using spine::test::shapes_of;
using torch::Tensor;

namespace {

spine::SwinUnetConfig tiny_swin_unet() {
  spine::SwinUnetConfig config;
  config.input_size = 64;
  config.views = 2;
  config.classes = 3;
  config.embed = 8;
  config.heads = {1, 2, 2, 4};
  config.window = 4;
  return config;
}

}  // namespace

TEST_CASE("Names and shapes are those of the published Swin-Unet") {
  spine::SwinUnetConfig config;
  config.input_size = 224;
  config.window = 7;
  config.views = 3;
  config.pen.enabled = false;
  const spine::SwinUnet network(config);
  CHECK(shapes_of(network) == published_shapes("swin_unet_tiny.txt"));
  CHECK(parameter_count(network) == 27'168'804);  // 27.17 million in the literature
}

TEST_CASE("Swin-Unet's logits have the input's size, coarse features an eighth of it") {
  auto config = tiny_swin_unet();
  config.pen.enabled = GENERATE(false, true);
  if (!config.pen.enabled) config.views = 1;
  spine::SwinUnet network(config);
  network.eval();
  const torch::NoGradGuard no_grad;
  const auto output = network.forward_features(torch::randn({2, config.views, 64, 64}));
  CHECK(output.logits.sizes() == torch::IntArrayRef({2, 3, 64, 64}));
  CHECK(output.coarse.sizes() == torch::IntArrayRef({2, network.coarse_channels(), 8, 8}));
  CHECK_THROWS(network.forward(torch::randn({2, config.views, 32, 32})));
}

TEST_CASE("Folding leaves Swin-Unet's logits as they are") {
  torch::manual_seed(5);
  spine::SwinUnet network(tiny_swin_unet());
  network.eval();
  const torch::NoGradGuard no_grad;
  const Tensor x = torch::randn({2, 2, 64, 64});
  const Tensor before = network.forward(x);
  network.fold();
  CHECK(torch::allclose(network.forward(x), before, 1e-6, 1e-7));
  CHECK(before.std().item<float>() > 1e-4);
}

TEST_CASE("Every parameter of Swin-Unet gets a gradient") {
  torch::manual_seed(6);
  auto config = tiny_swin_unet();
  config.drop_path = 0;
  spine::SwinUnet network(config);
  network.forward(torch::randn({2, 2, 64, 64})).pow(2).sum().backward();
  for (const auto& item : network.named_parameters()) {
    INFO(item.key());
    REQUIRE(item->grad().defined());
    CHECK(item->grad().abs().sum().item<float>() > 0);
  }
}

TEST_CASE("Stochastic depth skips blocks in training only") {
  torch::manual_seed(7);
  auto config = tiny_swin_unet();
  config.drop_path = 0.9;
  spine::SwinUnet network(config);
  const torch::NoGradGuard no_grad;
  const Tensor x = torch::randn({1, 2, 64, 64});
  network.train();
  CHECK(!torch::equal(network.forward(x), network.forward(x)));
  network.eval();
  CHECK(torch::equal(network.forward(x), network.forward(x)));
}

TEST_CASE("Shifted windows connect distant tokens") {
  torch::manual_seed(8);
  auto config = tiny_swin_unet();
  config.pen.enabled = false;
  config.views = 1;
  spine::SwinUnet network(config);
  network.eval();
  const torch::NoGradGuard no_grad;
  Tensor x = torch::zeros({1, 1, 64, 64});
  const Tensor before = network.forward(x);
  x.index_put_({0, 0, 60, 60}, 5.0);
  const Tensor change = (network.forward(x) - before).abs().amax({0, 1});
  CHECK(change.slice(0, 0, 8).slice(1, 0, 8).max().item<float>() > 0);
}

TEST_CASE("Checkpoints of another window are adapted, computed buffers dropped") {
  const spine::SwinUnet network(tiny_swin_unet());  // tables of 7 x 7
  const std::string attention = "swin_unet.layers.0.blocks.1.attn.";
  // A ramp along one axis stays one.
  const Tensor ramp = torch::arange(13, torch::kFloat).reshape({1, 13, 1}).expand({13, 13, 1});
  std::map<std::string, Tensor> state{
      {attention + "relative_position_bias_table", ramp.reshape({169, 1})},
      {attention + "relative_position_index", torch::zeros({49, 49}, torch::kLong)},
      {"swin_unet.layers.0.blocks.1.attn_mask", torch::zeros({4, 49, 49})},
      {"swin_unet.output.weight", torch::ones({9, 8, 1, 1})}};
  network.translate_state(state);
  network.adapt_state(state);
  CHECK_FALSE(state.contains(attention + "relative_position_index"));
  CHECK_FALSE(state.contains("swin_unet.layers.0.blocks.1.attn_mask"));
  CHECK(state.size() == 4);  // table, output, and PEN's weight and bias, which were not given
  const Tensor table = state.at(attention + "relative_position_bias_table").reshape({7, 7});
  CHECK(torch::allclose(table[0], table[6], 1e-5, 1e-5));
  CHECK(table[3][3].item<float>() == Approx(6).margin(0.05));
  CHECK(state.at("swin_unet.output.weight").size(0) == 3);
}
