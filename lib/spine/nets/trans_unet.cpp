#include "spine/nets/trans_unet.h"

#include <cmath>
#include <string>
#include <vector>

#include "spine/nets/blocks.h"
#include "spine/nets/children.h"
#include "spine/nets/pen.h"
#include "spine/nets/random.h"
#include "spine/nets/upsample.h"

namespace spine {
namespace {

using torch::Tensor;
namespace nn = torch::nn;

std::shared_ptr<GroupNorm> group_norm(std::int64_t groups, std::int64_t channels, double eps) {
  return std::make_shared<GroupNorm>(groups, channels, eps);
}

/// Bottleneck unit of the ResNetV2 in the published network: normalisation after each convolution,
/// the stride on the 3x3 convolution, a normalised projection where the shape changes.
class Bottleneck : public nn::Module {
 public:
  Bottleneck(std::int64_t in, std::int64_t out, std::int64_t mid, std::int64_t stride,
             std::int64_t groups) {
    gn1_ = register_module("gn1", group_norm(groups, mid, 1e-6));
    conv1_ = register_module("conv1", std::make_shared<StdConv2d>(in, mid, 1, 1));
    gn2_ = register_module("gn2", group_norm(groups, mid, 1e-6));
    conv2_ = register_module("conv2", std::make_shared<StdConv2d>(mid, mid, 3, stride));
    gn3_ = register_module("gn3", group_norm(groups, out, 1e-6));
    conv3_ = register_module("conv3", std::make_shared<StdConv2d>(mid, out, 1, 1));
    if (stride != 1 || in != out) {
      downsample_ = register_module("downsample", std::make_shared<StdConv2d>(in, out, 1, stride));
      gn_proj_ = register_module("gn_proj", group_norm(out, out, 1e-5));
    }
  }

  Tensor forward(const Tensor& x) {
    const Tensor residual = downsample_ ? gn_proj_->forward(downsample_->forward(x)) : x;
    Tensor y = gn1_->then_relu(conv1_->forward(x));
    y = gn2_->then_relu(conv2_->forward(y));
    return gn3_->then_relu(conv3_->forward(y), residual);
  }

  void fold() {
    for (const auto& conv : {conv1_, conv2_, conv3_, downsample_}) {
      if (conv) conv->fold();
    }
  }

 private:
  std::shared_ptr<GroupNorm> gn1_, gn2_, gn3_, gn_proj_;
  std::shared_ptr<StdConv2d> conv1_, conv2_, conv3_, downsample_;
};

class Root : public nn::Module {
 public:
  Root(std::int64_t in, std::int64_t width, std::int64_t groups) {
    conv_ = register_module("conv", std::make_shared<StdConv2d>(in, width, 7, 2));
    gn_ = register_module("gn", group_norm(groups, width, 1e-6));
  }
  Tensor forward(const Tensor& x) { return gn_->then_relu(conv_->forward(x)); }
  void fold() { conv_->fold(); }

 private:
  std::shared_ptr<StdConv2d> conv_;
  std::shared_ptr<GroupNorm> gn_;
};

/// Features at 1/2, 1/4, 1/8 (skips) and 1/16 (result).
class ResNetV2 : public nn::Module {
 public:
  ResNetV2(std::int64_t in, const TransUNetConfig& c) {
    root_ = register_module("root", std::make_shared<Root>(in, c.stem_width, c.norm_groups));
    body_ = register_module("body", std::make_shared<Children<Children<Bottleneck>>>());
    std::int64_t channels = c.stem_width;
    for (std::int64_t stage = 0; stage < 3; ++stage) {
      auto& units = body_->add("block" + std::to_string(stage + 1));
      const std::int64_t mid = c.stem_width << stage;
      for (std::int64_t i = 0; i < c.resnet_blocks[static_cast<std::size_t>(stage)]; ++i) {
        const std::int64_t stride = stage > 0 && i == 0 ? 2 : 1;
        units.add("unit" + std::to_string(i + 1), channels, 4 * mid, mid, stride, c.norm_groups);
        channels = 4 * mid;
      }
    }
  }

  /// @param skips  filled with the features of 1/8, 1/4, 1/2 in this order
  Tensor forward(const Tensor& image, std::vector<Tensor>& skips) {
    const std::int64_t size = image.size(2);
    Tensor x = root_->forward(image);
    const Tensor half = x;
    x = torch::max_pool2d(x, 3, 2, /*padding=*/0);
    x = run(0, x);
    // The pool has no padding, so the 1/4 map lacks its last row and column; the published network
    // pads them with zeros for the skip connection only.
    const Tensor quarter = padded_to(x, size / 4);
    x = run(1, x);
    const Tensor eighth = padded_to(x, size / 8);
    skips = {eighth, quarter, half};
    return run(2, x);
  }

  void fold() {
    root_->fold();
    for (const auto& stage : body_->items()) {
      for (const auto& unit : stage->items()) unit->fold();
    }
  }

 private:
  Tensor run(std::size_t stage, Tensor x) {
    for (const auto& unit : body_->items()[stage]->items()) x = unit->forward(x);
    return x;
  }
  static Tensor padded_to(const Tensor& x, std::int64_t size) {
    if (x.size(2) == size && x.size(3) == size) return x;
    return torch::constant_pad_nd(x, {0, size - x.size(3), 0, size - x.size(2)}, 0);
  }

  std::shared_ptr<Root> root_;
  std::shared_ptr<Children<Children<Bottleneck>>> body_;
};

class Embeddings : public nn::Module {
 public:
  Embeddings(std::int64_t in, const TransUNetConfig& c) : dropout_(c.dropout) {
    hybrid_ = register_module("hybrid_model", std::make_shared<ResNetV2>(in, c));
    patch_ = register_module("patch_embeddings",
                             nn::Conv2d(nn::Conv2dOptions(16 * c.stem_width, c.hidden, 1)));
    const std::int64_t side = c.input_size / 16;
    position_ = register_parameter("position_embeddings", torch::zeros({1, side * side, c.hidden}));
  }
  /// [N, C, H, W] -> tokens [N, H/16 * W/16, hidden]
  Tensor forward(const Tensor& image, std::vector<Tensor>& skips) {
    const Tensor tokens = patch_(hybrid_->forward(image, skips)).flatten(2).transpose(1, 2);
    return random_dropout(tokens + position_, dropout_, is_training());
  }
  void fold() { hybrid_->fold(); }

 private:
  std::shared_ptr<ResNetV2> hybrid_;
  nn::Conv2d patch_{nullptr};
  Tensor position_;
  double dropout_;
};

class Attention : public nn::Module {
 public:
  explicit Attention(const TransUNetConfig& c) : heads_(c.heads), dropout_(c.attention_dropout) {
    query_ = register_module("query", nn::Linear(c.hidden, c.hidden));
    key_ = register_module("key", nn::Linear(c.hidden, c.hidden));
    value_ = register_module("value", nn::Linear(c.hidden, c.hidden));
    out_ = register_module("out", nn::Linear(c.hidden, c.hidden));
  }
  Tensor forward(const Tensor& x) {
    const Tensor q = split(query_(x));
    const Tensor k = split(key_(x));
    const Tensor v = split(value_(x));
    const double scale = 1.0 / std::sqrt(static_cast<double>(q.size(3)));
    Tensor weights = torch::softmax(torch::matmul(q * scale, k.transpose(2, 3)), -1);
    weights = random_dropout(weights, dropout_, is_training());
    const Tensor mixed = torch::matmul(weights, v).transpose(1, 2).reshape(x.sizes());
    return random_dropout(out_(mixed), dropout_, is_training());
  }

 private:
  [[nodiscard]] Tensor split(const Tensor& x) const {
    return x.reshape({x.size(0), x.size(1), heads_, -1}).transpose(1, 2);
  }
  nn::Linear query_{nullptr}, key_{nullptr}, value_{nullptr}, out_{nullptr};
  std::int64_t heads_;
  double dropout_;
};

std::shared_ptr<LayerNorm> layer_norm(std::int64_t size) {
  return std::make_shared<LayerNorm>(size, 1e-6);
}

/// Pre-norm transformer block.
class Block : public nn::Module {
 public:
  explicit Block(const TransUNetConfig& c) {
    attention_norm_ = register_module("attention_norm", layer_norm(c.hidden));
    ffn_norm_ = register_module("ffn_norm", layer_norm(c.hidden));
    ffn_ = register_module("ffn", std::make_shared<Mlp>(c.hidden, c.mlp, c.dropout));
    attn_ = register_module("attn", std::make_shared<Attention>(c));
  }
  Tensor forward(const Tensor& x) {
    const Tensor y = x + attn_->forward(attention_norm_->forward(x));
    return y + ffn_->forward(ffn_norm_->forward(y));
  }

 private:
  std::shared_ptr<LayerNorm> attention_norm_, ffn_norm_;
  std::shared_ptr<Mlp> ffn_;
  std::shared_ptr<Attention> attn_;
};

class Encoder : public nn::Module {
 public:
  explicit Encoder(const TransUNetConfig& c) {
    layer_ = register_module("layer", std::make_shared<Children<Block>>());
    for (std::int64_t i = 0; i < c.blocks; ++i) layer_->add(std::to_string(i), c);
    norm_ = register_module("encoder_norm", layer_norm(c.hidden));
  }
  Tensor forward(Tensor x) {
    for (const auto& block : layer_->items()) x = block->forward(x);
    return norm_->forward(x);
  }

 private:
  std::shared_ptr<Children<Block>> layer_;
  std::shared_ptr<LayerNorm> norm_;
};

class Transformer : public nn::Module {
 public:
  Transformer(std::int64_t in, const TransUNetConfig& c) {
    embeddings_ = register_module("embeddings", std::make_shared<Embeddings>(in, c));
    encoder_ = register_module("encoder", std::make_shared<Encoder>(c));
  }
  Tensor forward(const Tensor& image, std::vector<Tensor>& skips) {
    return encoder_->forward(embeddings_->forward(image, skips));
  }
  void fold() { embeddings_->fold(); }

 private:
  std::shared_ptr<Embeddings> embeddings_;
  std::shared_ptr<Encoder> encoder_;
};

class DecoderBlock : public nn::Module {
 public:
  DecoderBlock(std::int64_t in, std::int64_t skip, std::int64_t out) {
    conv1_ = register_module("conv1", std::make_shared<ConvBnRelu>(in + skip, out, 3));
    conv2_ = register_module("conv2", std::make_shared<ConvBnRelu>(out, out, 3));
  }
  /// @param skip  may be undefined
  Tensor forward(const Tensor& x, const Tensor& skip) {
    Tensor y = upsample_twice(x);
    if (skip.defined()) y = join_channels(y, skip);
    return conv2_->forward(conv1_->forward(y));
  }
  void fold() {
    conv1_->fold();
    conv2_->fold();
  }

 private:
  std::shared_ptr<ConvBnRelu> conv1_, conv2_;
};

class Decoder : public nn::Module {
 public:
  Decoder(std::int64_t image_channels, const TransUNetConfig& c) : use_skip_(c.skips) {
    conv_more_ =
        register_module("conv_more", std::make_shared<ConvBnRelu>(c.hidden, c.decoder_head, 3));
    blocks_ = register_module("blocks", std::make_shared<Children<DecoderBlock>>());
    const std::vector<std::int64_t> available{8 * c.stem_width, 4 * c.stem_width, c.stem_width,
                                              image_channels};
    std::int64_t in = c.decoder_head;
    for (std::size_t i = 0; i < c.decoder_widths.size(); ++i) {
      blocks_->add(std::to_string(i), in, c.skips[i] ? available[i] : 0, c.decoder_widths[i]);
      in = c.decoder_widths[i];
    }
  }
  /// @param features  of 1/8, 1/4, 1/2 and full resolution
  /// @param coarse  set to the first block's output
  Tensor forward(const Tensor& tokens, const std::vector<Tensor>& features, Tensor& coarse) {
    const std::int64_t side = features.front().size(2) / 2;
    Tensor x = tokens.transpose(1, 2).reshape({tokens.size(0), tokens.size(2), side, side});
    x = conv_more_->forward(x);
    for (std::size_t i = 0; i < blocks_->items().size(); ++i) {
      x = blocks_->items()[i]->forward(x, use_skip_[i] ? features[i] : Tensor());
      if (i == 0) coarse = x;
    }
    return x;
  }
  void fold() {
    conv_more_->fold();
    for (const auto& block : blocks_->items()) block->fold();
  }

 private:
  std::vector<bool> use_skip_;
  std::shared_ptr<ConvBnRelu> conv_more_;
  std::shared_ptr<Children<DecoderBlock>> blocks_;
};

/// One 3x3 convolution named "0".
class SegmentationHead : public nn::Module {
 public:
  SegmentationHead(std::int64_t in, std::int64_t classes) {
    conv_ = register_module("0", nn::Conv2d(nn::Conv2dOptions(in, classes, 3).padding(1)));
    const torch::NoGradGuard no_grad;
    // Bias initialised to the class prior: most pixels belong to no structure.
    conv_->bias.fill_(-3.0);
  }
  Tensor forward(const Tensor& x) { return conv_(x); }

 private:
  nn::Conv2d conv_{nullptr};
};

}  // namespace

struct TransUNet::Parts {
  std::shared_ptr<Pen> pen;
  std::shared_ptr<Transformer> transformer;
  std::shared_ptr<Decoder> decoder;
  std::shared_ptr<SegmentationHead> head;
};

TransUNet::TransUNet(const TransUNetConfig& config)
    : config_(config), parts_(std::make_unique<Parts>()) {
  const std::int64_t channels = config.pen.enabled ? config.pen.channels : 3;
  if (config.pen.enabled) {
    parts_->pen = register_module("pen", std::make_shared<Pen>(config.views, config.pen));
  }
  parts_->transformer =
      register_module("transformer", std::make_shared<Transformer>(channels, config));
  parts_->decoder = register_module("decoder", std::make_shared<Decoder>(channels, config));
  parts_->head = register_module(
      "segmentation_head",
      std::make_shared<SegmentationHead>(config.decoder_widths.back(), config.classes));
}

TransUNet::~TransUNet() = default;

NetworkOutput TransUNet::forward_features(const torch::Tensor& views) {
  require_input(views);
  const Tensor image = image_of_views(parts_->pen.get(), views);
  std::vector<Tensor> features;
  const Tensor tokens = parts_->transformer->forward(image, features);
  features.push_back(image);
  NetworkOutput output;
  output.logits = parts_->head->forward(parts_->decoder->forward(tokens, features, output.coarse));
  return output;
}

void TransUNet::adapt_state(std::map<std::string, torch::Tensor>& state) const {
  const auto positions = state.find("transformer.embeddings.position_embeddings");
  if (positions != state.end() && positions->second.dim() == 3 && positions->second.size(0) == 1) {
    torch::Tensor& embeddings = positions->second;  // [1, n * n, hidden]
    embeddings = resampled_grid(embeddings.squeeze(0), config_.input_size / 16).unsqueeze(0);
  }
  adapt_pen(state, parts_->pen.get());
  restart_head(state, *parts_->head, "segmentation_head.", config_.classes);
}

void TransUNet::fold() {
  parts_->transformer->fold();
  parts_->decoder->fold();
}

nlohmann::json TransUNet::config() const { return to_json(config_); }

}  // namespace spine
