#include "spine/nets/vqgan.h"

#include <fstream>

#include "support/catch.h"

#include "spine/core/error.h"

using namespace spine;

namespace {

VqganConfig config_of(const std::string& name) {
  std::ifstream in(std::string(SPINE_CONFIGS) + "/" + name);
  return vqgan_config(nlohmann::json::parse(in), name);
}

VqganConfig tiny() {
  VqganConfig c;
  c.input_size = 32;
  c.channels = 1;
  c.width = 8;
  c.multipliers = {1, 2, 2};
  c.blocks = 1;
  c.attention = {8};
  c.latent = 8;
  c.embed = 4;
  c.codes = 16;
  c.norm_groups = 4;
  return c;
}

std::int64_t parameters(const torch::nn::Module& module) {
  std::int64_t sum = 0;
  for (const auto& p : module.parameters()) sum += p.numel();
  return sum;
}

}  // namespace

TEST_CASE("the published f16 layout has its names and shapes") {
  const Vqgan network(config_of("vqgan_f16_1024.json"));
  const auto named = network.named_parameters();
  const auto shape = [&](const std::string& name) {
    INFO(name);
    REQUIRE(named.contains(name));
    return named[name].sizes().vec();
  };
  using Shape = std::vector<std::int64_t>;
  CHECK(shape("encoder.conv_in.weight") == Shape{128, 3, 3, 3});
  CHECK(shape("encoder.down.0.block.0.norm1.weight") == Shape{128});
  CHECK(shape("encoder.down.0.downsample.conv.weight") == Shape{128, 128, 3, 3});
  CHECK(shape("encoder.down.2.block.0.nin_shortcut.weight") == Shape{256, 128, 1, 1});
  CHECK(shape("encoder.down.4.attn.1.proj_out.weight") == Shape{512, 512, 1, 1});
  CHECK(shape("encoder.mid.attn_1.q.weight") == Shape{512, 512, 1, 1});
  CHECK(shape("encoder.conv_out.weight") == Shape{256, 512, 3, 3});
  CHECK(shape("decoder.conv_in.weight") == Shape{512, 256, 3, 3});
  CHECK(shape("decoder.up.4.attn.2.norm.bias") == Shape{512});
  CHECK(shape("decoder.up.4.upsample.conv.weight") == Shape{512, 512, 3, 3});
  CHECK(shape("decoder.up.1.block.0.nin_shortcut.weight") == Shape{128, 256, 1, 1});
  CHECK(shape("decoder.norm_out.weight") == Shape{128});
  CHECK(shape("decoder.conv_out.weight") == Shape{3, 128, 3, 3});
  CHECK(shape("quantize.embedding.weight") == Shape{1024, 256});
  CHECK(shape("quant_conv.weight") == Shape{256, 256, 1, 1});
  CHECK(shape("post_quant_conv.weight") == Shape{256, 256, 1, 1});
  CHECK_FALSE(named.contains("encoder.down.4.downsample.conv.weight"));
  CHECK_FALSE(named.contains("decoder.up.0.upsample.conv.weight"));
  CHECK_FALSE(named.contains("encoder.down.3.attn.0.norm.weight"));
}

TEST_CASE("codes are the nearest entries, gradients are straight-through") {
  torch::manual_seed(1);
  Vqgan network(tiny());
  const auto image = torch::rand({2, 1, 32, 32}) * 2 - 1;
  const auto latent = network.encode(image);
  CHECK(latent.sizes() == torch::IntArrayRef({2, 4, 8, 8}));
  const Quantised q = network.quantise(latent);
  CHECK(q.codes.sizes() == torch::IntArrayRef({2, 8, 8}));
  const auto place = latent.index({1, torch::indexing::Slice(), 3, 5});
  const auto distances = (network.codebook() - place.unsqueeze(0)).square().sum(1);
  CHECK(distances.argmin().item<std::int64_t>() == q.codes[1][3][5].item<std::int64_t>());
  CHECK(torch::allclose(q.latent.index({1, torch::indexing::Slice(), 3, 5}),
                        network.codebook()[q.codes[1][3][5].item<std::int64_t>()], 1e-5, 1e-6));
  const auto out = network.decode(q.latent);
  CHECK(out.sizes() == image.sizes());
  out.square().mean().backward();
  CHECK(network.named_parameters()["encoder.conv_in.weight"].grad().abs().sum().item<float>() > 0);
  CHECK_FALSE(network.codebook().grad().defined());
}

TEST_CASE("the quantizer's loss pulls codes to latents and, weaker, latents to codes") {
  torch::manual_seed(2);
  VqganConfig config = tiny();
  config.commitment = 0.5;
  Vqgan network(config);
  const auto latent = torch::randn({1, 4, 8, 8}).requires_grad_();
  const Quantised q = network.quantise(latent);
  const double apart = (q.latent - latent).square().mean().item<double>();
  CHECK(q.loss.item<double>() == Approx(1.5 * apart).epsilon(1e-4));
  q.loss.backward();
  CHECK(network.codebook().grad().abs().sum().item<float>() > 0);
  CHECK(latent.grad().abs().sum().item<float>() > 0);
}

TEST_CASE("codes of length 1 are compared by direction") {
  torch::manual_seed(3);
  VqganConfig config = tiny();
  config.unit_codes = true;
  Vqgan network(config);
  const auto latent = network.encode(torch::rand({1, 1, 32, 32}));
  CHECK(torch::allclose(latent.norm(2, 1), torch::ones({1, 8, 8}), 1e-4, 1e-4));
  const Quantised q = network.quantise(latent);
  CHECK(torch::allclose(q.latent.norm(2, 1), torch::ones({1, 8, 8}), 1e-4, 1e-4));
}

TEST_CASE("codebook usage counts the used codes") {
  const auto even = code_usage(torch::arange(8).reshape({2, 2, 2}), 16);
  CHECK(even.perplexity == Approx(8).epsilon(1e-4));
  CHECK(even.used == Approx(0.5));
  CHECK(even.counts.sum().item<float>() == 8);
  const auto one = code_usage(torch::full({5}, 3, torch::kLong), 16);
  CHECK(one.perplexity == Approx(1).epsilon(1e-4));
}

TEST_CASE("as a network it gives an image like its input") {
  const nlohmann::json config = to_json(tiny());
  const auto network = make_network(config, "tiny");
  CHECK(network->config() == config);
  CHECK(network->views() == 1);
  CHECK(network->classes() == 1);
  CHECK(network->forward(torch::rand({1, 1, 32, 32})).sizes() ==
        torch::IntArrayRef({1, 1, 32, 32}));
}

TEST_CASE("the patch discriminator scores overlapping patches") {
  PatchDiscriminator judge(1, 16, 3);
  judge.eval();
  CHECK(judge.forward(torch::rand({1, 1, 256, 256})).sizes() == torch::IntArrayRef({1, 1, 30, 30}));
  const PatchDiscriminator published(3, 64, 3);
  CHECK(parameters(published) == 2'765'633);
  CHECK(published.named_parameters().contains("main.11.weight"));
}

TEST_CASE("errors of a VQGAN configuration are named") {
  const auto message = [](nlohmann::json json) -> std::string {
    try {
      vqgan_config(json, "x.json");
    } catch (const Error& e) {
      return e.what();
    }
    return "";
  };
  nlohmann::json json = to_json(tiny());
  CHECK(message(json).empty());
  CHECK(to_json(vqgan_config(json, "x.json")) == json);
  json["input_size"] = 30;
  CHECK(message(json).find("multiple of 4") != std::string::npos);
  json = to_json(tiny());
  json["groups"] = 3;
  CHECK(message(json).find("groups") != std::string::npos);
  json = to_json(tiny());
  json["kodes"] = 5;
  CHECK(message(json).find("kodes") != std::string::npos);
}
