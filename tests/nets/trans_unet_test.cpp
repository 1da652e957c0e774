#include "spine/nets/trans_unet.h"

#include <map>

#include "shapes.h"
#include "support/catch.h"

using spine::test::parameter_count;
using spine::test::published_shapes;
using spine::test::Shapes;
using spine::test::shapes_of;

namespace {

spine::TransUNetConfig tiny_trans_unet() {
  spine::TransUNetConfig config;
  config.input_size = 64;
  config.views = 2;
  config.classes = 3;
  config.stem_width = 8;
  config.resnet_blocks = {1, 2, 1};
  config.norm_groups = 4;
  config.hidden = 16;
  config.mlp = 32;
  config.blocks = 2;
  config.heads = 4;
  config.decoder_head = 16;
  config.decoder_widths = {16, 8, 8, 8};
  config.skips = {true, true, true, true};
  return config;
}

}  // namespace

TEST_CASE("Names and shapes are those of the published R50-ViT-B/16") {
  spine::TransUNetConfig config;
  config.views = 3;
  config.pen.enabled = false;
  const spine::TransUNet network(config);
  const Shapes expected = published_shapes("trans_unet_r50_vit_b16.txt");
  REQUIRE(expected.size() == 400);
  CHECK(shapes_of(network) == expected);
  // With 224-pixel input (60 fewer positions) and 9 classes (145 more weights) this is the
  // 105.28 million of the literature: 105,277,081.
  CHECK(parameter_count(network) == 105'323'016);
}

TEST_CASE("PEN adds its convolution and nothing else") {
  auto config = tiny_trans_unet();
  const Shapes with = shapes_of(spine::TransUNet(config));
  config.pen.enabled = false;
  config.views = 3;
  Shapes without = shapes_of(spine::TransUNet(config));
  without["pen.conv.weight"] = {3, 2, 7, 7};
  without["pen.conv.bias"] = {3};
  CHECK(with == without);
}

TEST_CASE("Logits have the input's size, also without PEN or skips") {
  auto config = tiny_trans_unet();
  config.skips = {GENERATE(true, false), true, GENERATE(true, false), false};
  config.pen.enabled = GENERATE(true, false);
  if (!config.pen.enabled) config.views = 1;
  spine::TransUNet network(config);
  network.eval();
  const torch::NoGradGuard no_grad;
  CHECK(network.forward(torch::randn({2, config.views, 64, 64})).sizes() ==
        torch::IntArrayRef({2, 3, 64, 64}));
  CHECK_THROWS(network.forward(torch::randn({2, config.views, 32, 32})));
}

TEST_CASE("Folding changes the logits by rounding only") {
  torch::manual_seed(5);
  spine::TransUNet network(tiny_trans_unet());
  {
    const torch::NoGradGuard no_grad;
    for (int i = 0; i < 3; ++i)
      network.forward(torch::randn({2, 2, 64, 64}));  // running statistics
    network.eval();
    const auto x = torch::randn({2, 2, 64, 64});
    const auto before = network.forward(x);
    network.fold();
    CHECK(torch::allclose(network.forward(x), before, 1e-5, 1e-5));
    CHECK(before.std().item<float>() > 1e-3);
  }
}

TEST_CASE("Every parameter of the network gets a gradient") {
  torch::manual_seed(6);
  spine::TransUNet network(tiny_trans_unet());
  network.forward(torch::randn({2, 2, 64, 64})).pow(2).sum().backward();
  for (const auto& item : network.named_parameters()) {
    INFO(item.key());
    REQUIRE(item->grad().defined());
    // A bias added to every key leaves the softmax as it was.
    if (item.key().find("attn.key.bias") == std::string::npos) {
      CHECK(item->grad().abs().sum().item<float>() > 0);
    }
  }
}

TEST_CASE("The position of a token matters") {
  torch::manual_seed(7);
  auto config = tiny_trans_unet();
  config.dropout = 0;
  spine::TransUNet network(config);  // in training mode: batch norms keep the signal's size
  const torch::NoGradGuard no_grad;
  const auto x = torch::randn({1, 2, 64, 64});
  const auto before = network.forward(x);
  auto position = network.named_parameters()["transformer.embeddings.position_embeddings"];
  REQUIRE(position.sizes() == torch::IntArrayRef({1, 16, 16}));
  position.normal_();
  CHECK((network.forward(x) - before).abs().max().item<float>() > 0.05);
}

TEST_CASE("Coarse features lie at an eighth of the resolution") {
  spine::TransUNet network(tiny_trans_unet());
  const torch::NoGradGuard no_grad;
  const auto output = network.forward_features(torch::randn({2, 2, 64, 64}));
  CHECK(output.coarse.sizes() == torch::IntArrayRef({2, network.coarse_channels(), 8, 8}));
  CHECK(output.logits.sizes() == torch::IntArrayRef({2, 3, 64, 64}));
}

TEST_CASE("Weights of another input size are adapted by resampling positions") {
  auto config = tiny_trans_unet();
  config.input_size = 128;
  const spine::TransUNet large(config);
  const std::string name = "transformer.embeddings.position_embeddings";
  // A ramp along x stays a ramp.
  const auto ramp = torch::arange(4, torch::kFloat).reshape({1, 1, 4, 1}).expand({1, 4, 4, 16});
  std::map<std::string, torch::Tensor> state{{name, ramp.reshape({1, 16, 16})},
                                             {"other", torch::ones({3})}};
  large.adapt_state(state);
  REQUIRE(state.at(name).sizes() == torch::IntArrayRef({1, 64, 16}));
  const auto grid = state.at(name).reshape({8, 8, 16});
  CHECK(grid[3][4][0].item<float>() == Approx(1.75).margin(0.05));
  CHECK(torch::allclose(grid[0], grid[7], 1e-5, 1e-5));
  CHECK(torch::equal(state.at("other"), torch::ones({3})));

  auto same = state;
  large.adapt_state(same);
  CHECK(torch::equal(same.at(name), state.at(name)));
}
