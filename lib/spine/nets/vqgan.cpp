#include "spine/nets/vqgan.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "spine/nets/blocks.h"
#include "spine/nets/children.h"
#include "spine/nets/random.h"

namespace spine {
namespace {

using torch::Tensor;
namespace nn = torch::nn;

nn::Conv2d conv(std::int64_t in, std::int64_t out, std::int64_t kernel) {
  return nn::Conv2d(nn::Conv2dOptions(in, out, kernel).padding(kernel / 2));
}

Tensor swish(const Tensor& x) { return torch::silu(x); }

class ResnetBlock : public nn::Module {
 public:
  ResnetBlock(std::int64_t in, std::int64_t out, const VqganConfig& c) : dropout_(c.dropout) {
    norm1_ = register_module("norm1", std::make_shared<GroupNorm>(c.norm_groups, in, 1e-6));
    conv1_ = register_module("conv1", conv(in, out, 3));
    norm2_ = register_module("norm2", std::make_shared<GroupNorm>(c.norm_groups, out, 1e-6));
    conv2_ = register_module("conv2", conv(out, out, 3));
    if (in != out) shortcut_ = register_module("nin_shortcut", conv(in, out, 1));
  }
  Tensor forward(const Tensor& x) {
    Tensor y = conv1_(swish(norm1_->forward(x)));
    y = conv2_(random_dropout(swish(norm2_->forward(y)), dropout_, is_training()));
    return (shortcut_ ? shortcut_(x) : x) + y;
  }

 private:
  std::shared_ptr<GroupNorm> norm1_, norm2_;
  nn::Conv2d conv1_{nullptr}, conv2_{nullptr}, shortcut_{nullptr};
  double dropout_;
};

/// Single-head self-attention over all positions of a map.
class AttnBlock : public nn::Module {
 public:
  AttnBlock(std::int64_t channels, const VqganConfig& c) {
    norm_ = register_module("norm", std::make_shared<GroupNorm>(c.norm_groups, channels, 1e-6));
    q_ = register_module("q", conv(channels, channels, 1));
    k_ = register_module("k", conv(channels, channels, 1));
    v_ = register_module("v", conv(channels, channels, 1));
    out_ = register_module("proj_out", conv(channels, channels, 1));
  }
  Tensor forward(const Tensor& x) {
    const Tensor y = norm_->forward(x);
    const Tensor q = q_(y).flatten(2).transpose(1, 2);
    const Tensor k = k_(y).flatten(2);
    const Tensor v = v_(y).flatten(2).transpose(1, 2);
    const double scale = 1 / std::sqrt(static_cast<double>(x.size(1)));
    const Tensor mixed = torch::bmm(torch::softmax(torch::bmm(q, k) * scale, -1), v);
    return x + out_(mixed.transpose(1, 2).reshape(x.sizes()));
  }

 private:
  std::shared_ptr<GroupNorm> norm_;
  nn::Conv2d q_{nullptr}, k_{nullptr}, v_{nullptr}, out_{nullptr};
};

class Middle : public nn::Module {
 public:
  Middle(std::int64_t channels, const VqganConfig& c) {
    block_1_ = register_module("block_1", std::make_shared<ResnetBlock>(channels, channels, c));
    attn_1_ = register_module("attn_1", std::make_shared<AttnBlock>(channels, c));
    block_2_ = register_module("block_2", std::make_shared<ResnetBlock>(channels, channels, c));
  }
  Tensor forward(const Tensor& x) {
    return block_2_->forward(attn_1_->forward(block_1_->forward(x)));
  }

 private:
  std::shared_ptr<ResnetBlock> block_1_, block_2_;
  std::shared_ptr<AttnBlock> attn_1_;
};

/// A resizing convolution under the name "conv".
class Resize : public nn::Module {
 public:
  Resize(std::int64_t channels, bool up) : up_(up) {
    conv_ = register_module("conv",
                            up ? conv(channels, channels, 3)
                               : nn::Conv2d(nn::Conv2dOptions(channels, channels, 3).stride(2)));
  }
  Tensor forward(const Tensor& x) {
    if (!up_) return conv_(torch::constant_pad_nd(x, {0, 1, 0, 1}, 0));
    return conv_(torch::upsample_nearest2d(x, {2 * x.size(2), 2 * x.size(3)}));
  }

 private:
  nn::Conv2d conv_{nullptr};
  bool up_;
};

/// One resolution of encoder or decoder: residual blocks, each followed by attention where
/// configured, and finally a change of size (except at the innermost and outermost).
class Stage : public nn::Module {
 public:
  Stage(std::int64_t in, std::int64_t out, std::int64_t blocks, bool attention,
        const VqganConfig& c) {
    block_ = register_module("block", std::make_shared<Children<ResnetBlock>>());
    attn_ = register_module("attn", std::make_shared<Children<AttnBlock>>());
    for (std::int64_t i = 0; i < blocks; ++i) {
      block_->add(std::to_string(i), i == 0 ? in : out, out, c);
      if (attention) attn_->add(std::to_string(i), out, c);
    }
  }
  void then_resize(const std::string& name, std::int64_t channels, bool up) {
    resize_ = register_module(name, std::make_shared<Resize>(channels, up));
  }
  Tensor forward(Tensor x) {
    for (std::size_t i = 0; i < block_->items().size(); ++i) {
      x = block_->items()[i]->forward(x);
      if (!attn_->items().empty()) x = attn_->items()[i]->forward(x);
    }
    return resize_ ? resize_->forward(x) : x;
  }

 private:
  std::shared_ptr<Children<ResnetBlock>> block_;
  std::shared_ptr<Children<AttnBlock>> attn_;
  std::shared_ptr<Resize> resize_;
};

bool attends(const VqganConfig& c, std::int64_t resolution) {
  return std::find(c.attention.begin(), c.attention.end(), resolution) != c.attention.end();
}

class Encoder : public nn::Module {
 public:
  explicit Encoder(const VqganConfig& c) {
    conv_in_ = register_module("conv_in", conv(c.channels, c.width, 3));
    down_ = register_module("down", std::make_shared<Children<Stage>>());
    std::int64_t channels = c.width, resolution = c.input_size;
    for (std::size_t i = 0; i < c.multipliers.size(); ++i) {
      const std::int64_t out = c.width * c.multipliers[i];
      Stage& stage =
          down_->add(std::to_string(i), channels, out, c.blocks, attends(c, resolution), c);
      channels = out;
      if (i + 1 == c.multipliers.size()) break;
      stage.then_resize("downsample", channels, false);
      resolution /= 2;
    }
    mid_ = register_module("mid", std::make_shared<Middle>(channels, c));
    norm_out_ =
        register_module("norm_out", std::make_shared<GroupNorm>(c.norm_groups, channels, 1e-6));
    conv_out_ = register_module("conv_out", conv(channels, c.latent, 3));
  }
  Tensor forward(const Tensor& image) {
    Tensor x = conv_in_(image);
    for (const auto& stage : down_->items()) x = stage->forward(x);
    return conv_out_(swish(norm_out_->forward(mid_->forward(x))));
  }

 private:
  nn::Conv2d conv_in_{nullptr}, conv_out_{nullptr};
  std::shared_ptr<Children<Stage>> down_;
  std::shared_ptr<Middle> mid_;
  std::shared_ptr<GroupNorm> norm_out_;
};

class Decoder : public nn::Module {
 public:
  explicit Decoder(const VqganConfig& c) {
    const std::size_t n = c.multipliers.size();
    std::int64_t channels = c.width * c.multipliers.back();
    std::int64_t resolution = c.input_size >> (n - 1);
    conv_in_ = register_module("conv_in", conv(c.latent, channels, 3));
    mid_ = register_module("mid", std::make_shared<Middle>(channels, c));
    up_ = register_module("up", std::make_shared<Children<Stage>>());
    // The published decoder numbers its stages from full resolution and runs them in reverse.
    for (std::size_t i = n; i-- > 0;) {
      const std::int64_t out = c.width * c.multipliers[i];
      Stage& stage =
          up_->add(std::to_string(i), channels, out, c.blocks + 1, attends(c, resolution), c);
      channels = out;
      if (i == 0) break;
      stage.then_resize("upsample", channels, true);
      resolution *= 2;
    }
    norm_out_ =
        register_module("norm_out", std::make_shared<GroupNorm>(c.norm_groups, channels, 1e-6));
    conv_out_ = register_module("conv_out", conv(channels, c.channels, 3));
  }
  Tensor forward(const Tensor& latent) {
    Tensor x = mid_->forward(conv_in_(latent));
    for (const auto& stage : up_->items()) x = stage->forward(x);
    return conv_out_(swish(norm_out_->forward(x)));
  }
  [[nodiscard]] Tensor last_weight() const { return conv_out_->weight; }

 private:
  nn::Conv2d conv_in_{nullptr}, conv_out_{nullptr};
  std::shared_ptr<Middle> mid_;
  std::shared_ptr<Children<Stage>> up_;
  std::shared_ptr<GroupNorm> norm_out_;
};

class Quantiser : public nn::Module {
 public:
  explicit Quantiser(const VqganConfig& c) : beta_(c.commitment), unit_(c.unit_codes) {
    embedding_ = register_module("embedding", nn::Embedding(c.codes, c.embed));
    const torch::NoGradGuard no_grad;
    const double bound = 1.0 / static_cast<double>(c.codes);
    embedding_->weight.uniform_(-bound, bound);
  }
  Quantised forward(const Tensor& latent) {
    const Tensor places = latent.permute({0, 2, 3, 1}).contiguous();
    const Tensor flat = places.reshape({-1, latent.size(1)}).to(torch::kFloat);
    const Tensor codes = nearest(flat.detach());
    const Tensor taken = entries().index_select(0, codes).reshape(places.sizes());
    const Tensor wanted = places.to(torch::kFloat);
    Quantised result;
    result.loss = (taken - wanted.detach()).square().mean() +
                  beta_ * (taken.detach() - wanted).square().mean();
    result.latent = (wanted + (taken - wanted).detach()).permute({0, 3, 1, 2});
    result.codes = codes.reshape({latent.size(0), latent.size(2), latent.size(3)});
    return result;
  }
  [[nodiscard]] Tensor codebook() const { return embedding_->weight; }

 private:
  /// argmin |x - e|^2; |x|^2 is the same for every entry.
  [[nodiscard]] Tensor nearest(const Tensor& flat) const {
    const Tensor e = entries().detach();
    return torch::argmin(e.square().sum(1).unsqueeze(0) - 2 * torch::matmul(flat, e.t()), 1);
  }
  [[nodiscard]] Tensor entries() const {
    return unit_ ? nn::functional::normalize(embedding_->weight) : embedding_->weight;
  }
  nn::Embedding embedding_{nullptr};
  double beta_;
  bool unit_;
};

}  // namespace

struct Vqgan::Parts {
  std::shared_ptr<Encoder> encoder;
  std::shared_ptr<Decoder> decoder;
  std::shared_ptr<Quantiser> quantize;
  nn::Conv2d quant_conv{nullptr}, post_quant_conv{nullptr};
};

CodeUsage code_usage(const Tensor& codes, std::int64_t codebook_size) {
  CodeUsage usage;
  usage.counts = torch::bincount(codes.flatten(), {}, codebook_size).to(torch::kFloat);
  const Tensor share = usage.counts / usage.counts.sum().clamp_min(1);
  usage.perplexity = torch::exp(-(share * torch::log(share + 1e-10)).sum()).item<double>();
  usage.used = usage.counts.gt(0).to(torch::kFloat).mean().item<double>();
  return usage;
}

Vqgan::Vqgan(const VqganConfig& config) : config_(config), parts_(std::make_unique<Parts>()) {
  parts_->encoder = register_module("encoder", std::make_shared<Encoder>(config));
  parts_->decoder = register_module("decoder", std::make_shared<Decoder>(config));
  parts_->quantize = register_module("quantize", std::make_shared<Quantiser>(config));
  parts_->quant_conv = register_module("quant_conv", conv(config.latent, config.embed, 1));
  parts_->post_quant_conv =
      register_module("post_quant_conv", conv(config.embed, config.latent, 1));
}

Vqgan::~Vqgan() = default;

Tensor Vqgan::encode(const Tensor& image) {
  const Tensor latent = parts_->quant_conv(parts_->encoder->forward(image));
  return config_.unit_codes ? nn::functional::normalize(latent) : latent;
}

Quantised Vqgan::quantise(const Tensor& latent) { return parts_->quantize->forward(latent); }

Tensor Vqgan::decode(const Tensor& latent) {
  return parts_->decoder->forward(parts_->post_quant_conv(latent));
}

NetworkOutput Vqgan::forward_features(const Tensor& image) {
  return {decode(quantise(encode(image)).latent), {}};
}

Tensor Vqgan::codebook() const { return parts_->quantize->codebook(); }

Tensor Vqgan::last_weight() const { return parts_->decoder->last_weight(); }

void Vqgan::translate_state(std::map<std::string, Tensor>& state) const {
  for (auto it = state.begin(); it != state.end();) {
    it = it->first.rfind("loss.", 0) == 0 ? state.erase(it) : std::next(it);
  }
}

PatchDiscriminator::PatchDiscriminator(std::int64_t channels, std::int64_t width,
                                       std::int64_t layers) {
  const auto options = [](std::int64_t in, std::int64_t out, std::int64_t stride) {
    return nn::Conv2dOptions(in, out, 4).stride(stride).padding(1);
  };
  main_->push_back(nn::Conv2d(options(channels, width, 2)));
  main_->push_back(nn::LeakyReLU(nn::LeakyReLUOptions().negative_slope(0.2)));
  std::int64_t in = width;
  for (std::int64_t n = 1; n <= layers; ++n) {
    const std::int64_t out = width * std::min<std::int64_t>(std::int64_t{1} << n, 8);
    main_->push_back(nn::Conv2d(options(in, out, n < layers ? 2 : 1).bias(false)));
    main_->push_back(nn::BatchNorm2d(out));
    main_->push_back(nn::LeakyReLU(nn::LeakyReLUOptions().negative_slope(0.2)));
    in = out;
  }
  main_->push_back(nn::Conv2d(options(in, 1, 1)));
  register_module("main", main_);
  for (auto& module : main_->modules(false)) {
    const torch::NoGradGuard no_grad;
    if (auto* layer = module->as<nn::Conv2d>()) layer->weight.normal_(0.0, 0.02);
    if (auto* layer = module->as<nn::BatchNorm2d>()) layer->weight.normal_(1.0, 0.02);
  }
}

Tensor PatchDiscriminator::forward(const Tensor& image) { return main_->forward(image); }

}  // namespace spine
