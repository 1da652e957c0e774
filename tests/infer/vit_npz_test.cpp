#include "spine/infer/vit_npz.h"

#include <cmath>

#include "support/catch.h"

#include "spine/core/error.h"
#include "spine/infer/checkpoint.h"
#include "spine/nets/trans_unet.h"

using namespace spine;
using torch::Tensor;
using Tensors = std::map<std::string, Tensor>;

namespace {

TransUNetConfig config() {
  TransUNetConfig c;
  c.input_size = 64;
  c.views = 3;
  c.pen.enabled = false;
  c.stem_width = 8;
  c.resnet_blocks = {1, 1, 1};
  c.norm_groups = 4;
  c.hidden = 16;
  c.mlp = 24;
  c.blocks = 2;
  c.heads = 4;
  return c;
}

/// Arrays as the published archive holds them, with a grid of 3 x 3 and a class token.
Tensors arrays() {
  torch::manual_seed(1);
  Tensors a;
  const auto norm = [&](const std::string& name, std::int64_t n, bool as_map) {
    const std::vector<std::int64_t> shape =
        as_map ? std::vector<std::int64_t>{1, 1, 1, n} : std::vector<std::int64_t>{n};
    a[name + "/scale"] = torch::rand(shape);
    a[name + "/bias"] = torch::rand(shape);
  };
  a["conv_root/kernel"] = torch::rand({7, 7, 3, 8});
  norm("gn_root", 8, true);
  for (int block = 1; block <= 3; ++block) {
    const std::int64_t mid = 8 << (block - 1), in = block == 1 ? 8 : 2 * mid;
    const std::string unit = "block" + std::to_string(block) + "/unit1/";
    a[unit + "conv1/kernel"] = torch::rand({1, 1, in, mid});
    a[unit + "conv2/kernel"] = torch::rand({3, 3, mid, mid});
    a[unit + "conv3/kernel"] = torch::rand({1, 1, mid, 4 * mid});
    a[unit + "conv_proj/kernel"] = torch::rand({1, 1, in, 4 * mid});
    norm(unit + "gn1", mid, true);
    norm(unit + "gn2", mid, true);
    norm(unit + "gn3", 4 * mid, true);
    norm(unit + "gn_proj", 4 * mid, true);
  }
  a["embedding/kernel"] = torch::rand({1, 1, 128, 16});
  a["embedding/bias"] = torch::rand({16});
  a["Transformer/posembed_input/pos_embedding"] = torch::rand({1, 10, 16});
  a["cls"] = torch::rand({1, 1, 16});
  a["head/kernel"] = torch::rand({16, 5});
  norm("Transformer/encoder_norm", 16, false);
  for (int layer = 0; layer < 2; ++layer) {
    const std::string block = "Transformer/encoderblock_" + std::to_string(layer) + "/";
    norm(block + "LayerNorm_0", 16, false);
    norm(block + "LayerNorm_2", 16, false);
    const std::string attention = block + "MultiHeadDotProductAttention_1/";
    for (const std::string part : {"query", "key", "value"}) {
      a[attention + part + "/kernel"] = torch::rand({16, 4, 4});
      a[attention + part + "/bias"] = torch::rand({4, 4});
    }
    a[attention + "out/kernel"] = torch::rand({4, 4, 16});
    a[attention + "out/bias"] = torch::rand({16});
    a[block + "MlpBlock_3/Dense_0/kernel"] = torch::rand({16, 24});
    a[block + "MlpBlock_3/Dense_0/bias"] = torch::rand({24});
    a[block + "MlpBlock_3/Dense_1/kernel"] = torch::rand({24, 16});
    a[block + "MlpBlock_3/Dense_1/bias"] = torch::rand({16});
  }
  return a;
}

}  // namespace

TEST_CASE("A ViT's arrays are a TransUNet's encoder, every one of its tensors") {
  const Tensors given = arrays();
  Tensors encoder = trans_unet_encoder(given, "vit.npz");
  const TransUNet network(config());
  network.adapt_state(encoder);  // positions: 3 x 3 -> 4 x 4
  const Tensors state = state_of(network);
  for (const auto& [name, tensor] : encoder) {
    CAPTURE(name);
    REQUIRE(state.count(name) == 1);
    CHECK(tensor.sizes() == state.at(name).sizes());
  }
  for (const auto& [name, tensor] : state) {
    if (name.rfind("transformer.", 0) == 0) CHECK(encoder.count(name) == 1);
  }
}

TEST_CASE("Filters, heads and matrices are transposed correctly") {
  const Tensors given = arrays();
  const Tensors encoder = trans_unet_encoder(given, "vit.npz");
  const Tensor root = encoder.at("transformer.embeddings.hybrid_model.root.conv.weight");
  CHECK(root[5][2][1][4].item<float>() == given.at("conv_root/kernel")[1][4][2][5].item<float>());

  // y = x W + b, head by head.
  const std::string layer = "transformer.encoder.layer.1.attn.";
  const std::string block = "Transformer/encoderblock_1/MultiHeadDotProductAttention_1/";
  const Tensor x = torch::rand({3, 16});
  const Tensor query =
      torch::linear(x, encoder.at(layer + "query.weight"), encoder.at(layer + "query.bias"));
  const Tensor expected = torch::einsum("nc,chd->nhd", {x, given.at(block + "query/kernel")}) +
                          given.at(block + "query/bias");
  CHECK(torch::allclose(query.reshape({3, 4, 4}), expected, 1e-5, 1e-6));
  const Tensor out =
      torch::linear(x, encoder.at(layer + "out.weight"), encoder.at(layer + "out.bias"));
  CHECK(torch::allclose(
      out,
      torch::einsum("nhd,hdc->nc", {x.reshape({3, 4, 4}), given.at(block + "out/kernel")}) +
          given.at(block + "out/bias"),
      1e-5, 1e-6));
  CHECK(torch::equal(encoder.at("transformer.embeddings.position_embeddings"),
                     given.at("Transformer/posembed_input/pos_embedding").slice(1, 1)));
}

TEST_CASE("Missing arrays are named") {
  for (const std::string name :
       {"conv_root/kernel", "embedding/bias", "block2/unit1/gn3/bias",
        "Transformer/encoderblock_1/MlpBlock_3/Dense_0/kernel", "Transformer/encoder_norm/scale"}) {
    Tensors given = arrays();
    given.erase(name);
    try {
      trans_unet_encoder(given, "vit.npz");
      FAIL("expected an error");
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::weights);
      CHECK(std::string(error.what()).find("vit.npz: no array \"" + name) == 0);
    }
  }
}
