#include "spine/infer/vit_npz.h"

#include <cmath>

#include "spine/core/error.h"

namespace spine {
namespace {

using torch::Tensor;
using Tensors = std::map<std::string, Tensor>;

class Encoder {
 public:
  Encoder(const Tensors& arrays, const std::string& where) : arrays_(arrays), where_(where) {}

  Tensors convert() {
    const std::string embeddings = "transformer.embeddings.";
    filter("conv_root/kernel", embeddings + "hybrid_model.root.conv.weight");
    norm("gn_root", embeddings + "hybrid_model.root.gn");
    for (int block = 1; has("block" + std::to_string(block) + "/unit1/conv1/kernel"); ++block) {
      for (int unit = 1; unit_of_resnet(block, unit, embeddings); ++unit) {
      }
    }
    filter("embedding/kernel", embeddings + "patch_embeddings.weight");
    out_[embeddings + "patch_embeddings.bias"] = array("embedding/bias").flatten();
    out_[embeddings + "position_embeddings"] = positions();
    int layers = 0;
    while (layer_of_transformer(layers)) ++layers;
    if (layers == 0) fail("no array \"Transformer/encoderblock_0/...\"");
    norm("Transformer/encoder_norm", "transformer.encoder.encoder_norm");
    return std::move(out_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorKind::weights, where_ + ": " + what);
  }
  [[nodiscard]] bool has(const std::string& name) const { return arrays_.contains(name); }
  [[nodiscard]] Tensor array(const std::string& name) const {
    const auto found = arrays_.find(name);
    if (found == arrays_.end()) fail("no array \"" + name + "\"");
    return found->second.to(torch::kFloat);
  }

  /// HWIO -> OIHW
  void filter(const std::string& from, const std::string& to) {
    const Tensor kernel = array(from);
    if (kernel.dim() != 4) fail("array \"" + from + "\": expected four dimensions");
    out_[to] = kernel.permute({3, 2, 0, 1}).contiguous();
  }
  void norm(const std::string& from, const std::string& to) {
    out_[to + ".weight"] = array(from + "/scale").flatten();
    out_[to + ".bias"] = array(from + "/bias").flatten();
  }
  /// A matrix whose inputs or outputs are split into heads.
  void linear(const std::string& from, const std::string& to, std::int64_t inputs) {
    const Tensor kernel = array(from + "/kernel");
    if (inputs <= 0 || kernel.numel() % inputs != 0)
      fail("array \"" + from + "/kernel\": impossible shape");
    out_[to + ".weight"] = kernel.reshape({inputs, -1}).t().contiguous();
    out_[to + ".bias"] = array(from + "/bias").flatten();
  }

  /// Convolution `i` of a unit and its group normalization.
  void convolution(const std::string& i, const std::string& from, const std::string& to) {
    filter(from + "conv" + i + "/kernel", to + "conv" + i + ".weight");
    norm(from + "gn" + i, to + "gn" + i);
  }

  bool unit_of_resnet(int block, int unit, const std::string& embeddings) {
    const std::string from = "block" + std::to_string(block) + "/unit" + std::to_string(unit) + "/";
    if (!has(from + "conv1/kernel")) return false;
    const std::string to = embeddings + "hybrid_model.body.block" + std::to_string(block) +
                           ".unit" + std::to_string(unit) + ".";
    for (const std::string i : {"1", "2", "3"}) {
      convolution(i, from, to);
    }
    if (has(from + "conv_proj/kernel")) {
      filter(from + "conv_proj/kernel", to + "downsample.weight");
      norm(from + "gn_proj", to + "gn_proj");
    }
    return true;
  }

  bool layer_of_transformer(int layer) {
    const std::string from = "Transformer/encoderblock_" + std::to_string(layer) + "/";
    if (!has(from + "LayerNorm_0/scale")) return false;
    const std::string to = "transformer.encoder.layer." + std::to_string(layer) + ".";
    const std::string attention = from + "MultiHeadDotProductAttention_1/", attn = to + "attn.";
    norm(from + "LayerNorm_0", to + "attention_norm");
    norm(from + "LayerNorm_2", to + "ffn_norm");
    const std::int64_t hidden = out_.at(to + "attention_norm.weight").numel();
    for (const std::string part : {"query", "key", "value", "out"}) {
      linear(attention + part, attn + part, hidden);
    }
    linear(from + "MlpBlock_3/Dense_0", to + "ffn.fc1", hidden);
    linear(from + "MlpBlock_3/Dense_1", to + "ffn.fc2", out_.at(to + "ffn.fc1.bias").numel());
    return true;
  }

  /// [1, n * n, hidden], without the leading class token.
  [[nodiscard]] Tensor positions() const {
    const Tensor all = array("Transformer/posembed_input/pos_embedding");
    if (all.dim() != 3) fail("positions: expected three dimensions");
    const auto side = static_cast<std::int64_t>(std::sqrt(static_cast<double>(all.size(1))));
    const bool has_token = side * side != all.size(1);
    return (has_token ? all.slice(1, 1) : all).contiguous();
  }

  const Tensors& arrays_;
  const std::string& where_;
  Tensors out_;
};

}  // namespace

Tensors trans_unet_encoder(const Tensors& arrays, const std::string& where) {
  return Encoder(arrays, where).convert();
}

}  // namespace spine
