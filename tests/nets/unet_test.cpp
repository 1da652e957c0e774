#include "spine/nets/unet.h"

#include <map>

#include "shapes.h"
#include "support/catch.h"

using spine::test::parameter_count;
using spine::test::published_shapes;
using spine::test::Shapes;
using spine::test::shapes_of;
using torch::Tensor;

namespace {

spine::UNetConfig tiny_unet() {
  spine::UNetConfig config;
  config.input_size = 32;
  config.views = 2;
  config.classes = 3;
  config.width = 4;
  return config;
}

}  // namespace

TEST_CASE("Names and shapes are those of the public U-Net") {
  spine::UNetConfig config;
  config.views = 3;
  config.pen.enabled = false;
  const spine::UNet network(config);
  CHECK(shapes_of(network) == published_shapes("unet.txt"));
  // With one class (455 weights fewer) these are the 31,037,633 that are often cited.
  CHECK(parameter_count(network) == 31'038'088);
}

TEST_CASE("Without weights for upsampling, U-Net has half the channels below") {
  spine::UNetConfig config;
  config.pen.enabled = false;
  config.views = 1;
  config.bilinear = true;
  const Shapes shapes = shapes_of(spine::UNet(config));
  CHECK(shapes.count("up1.up.weight") == 0);
  CHECK(shapes.at("inc.double_conv.0.weight") == std::vector<std::int64_t>{64, 1, 3, 3});
  CHECK(shapes.at("down4.maxpool_conv.1.double_conv.3.weight")[0] == 512);
  CHECK(shapes.at("up4.conv.double_conv.3.weight")[0] == 64);
}

TEST_CASE("U-Net's logits have the input's size, coarse features an eighth of it") {
  auto config = tiny_unet();
  config.bilinear = GENERATE(false, true);
  config.pen.enabled = GENERATE(false, true);
  spine::UNet network(config);
  network.eval();
  const torch::NoGradGuard no_grad;
  const auto output = network.forward_features(torch::randn({2, 2, 32, 32}));
  CHECK(output.logits.sizes() == torch::IntArrayRef({2, 3, 32, 32}));
  CHECK(output.coarse.sizes() == torch::IntArrayRef({2, network.coarse_channels(), 4, 4}));
  CHECK_THROWS(network.forward(torch::randn({2, 2, 64, 64})));
  CHECK_THROWS(network.forward(torch::randn({2, 3, 32, 32})));
}

TEST_CASE("Folding changes U-Net's logits by rounding only") {
  torch::manual_seed(5);
  spine::UNet network(tiny_unet());
  const torch::NoGradGuard no_grad;
  for (int i = 0; i < 3; ++i) network.forward(torch::randn({2, 2, 32, 32}));  // running statistics
  network.eval();
  const Tensor x = torch::randn({2, 2, 32, 32});
  const Tensor before = network.forward(x);
  network.fold();
  CHECK(torch::allclose(network.forward(x), before, 1e-5, 1e-5));
  CHECK(before.std().item<float>() > 1e-3);
}

TEST_CASE("Every parameter of U-Net gets a gradient") {
  torch::manual_seed(6);
  auto config = tiny_unet();
  config.bilinear = GENERATE(false, true);
  spine::UNet network(config);
  network.forward(torch::randn({2, 2, 32, 32})).pow(2).sum().backward();
  for (const auto& item : network.named_parameters()) {
    INFO(item.key());
    REQUIRE(item->grad().defined());
    // Batch norms cancel the bias of a transposed convolution, except partly at the film's edge.
    CHECK(item->grad().abs().sum().item<float>() > 0);
  }
}

TEST_CASE("Biases of earlier public U-Nets are folded into the batch norms' means") {
  torch::manual_seed(7);
  auto config = tiny_unet();
  config.pen.enabled = false;
  const spine::UNet network(config);
  const std::string block = "down2.maxpool_conv.1.double_conv.";
  std::map<std::string, Tensor> state{{block + "0.bias", torch::full({16}, 0.5)},
                                      {block + "1.running_mean", torch::full({16}, 2.0)},
                                      {block + "3.bias", torch::full({16}, -1.0)},
                                      {block + "4.running_mean", torch::zeros({16})},
                                      {"outc.conv.weight", torch::ones({3, 4, 1, 1})}};
  network.translate_state(state);
  CHECK(state.count(block + "0.bias") == 0);
  CHECK(state.count(block + "3.bias") == 0);
  CHECK(torch::equal(state.at(block + "1.running_mean"), torch::full({16}, 1.5)));
  CHECK(torch::equal(state.at(block + "4.running_mean"), torch::ones({16})));
  CHECK(torch::equal(state.at("outc.conv.weight"), torch::ones({3, 4, 1, 1})));
}
