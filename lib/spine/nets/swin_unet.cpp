#include "spine/nets/swin_unet.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "spine/nets/blocks.h"
#include "spine/nets/children.h"
#include "spine/nets/pen.h"
#include "spine/nets/random.h"

namespace spine {
namespace {

using torch::Tensor;
namespace nn = torch::nn;

// Tokens are [N, side, side, channels] throughout.

std::shared_ptr<LayerNorm> layer_norm(std::int64_t size) {
  return std::make_shared<LayerNorm>(size, 1e-5);
}

nn::Linear linear_without_bias(std::int64_t in, std::int64_t out) {
  return nn::Linear(nn::LinearOptions(in, out).bias(false));
}

/// [N, side, side, C] -> [N * windows, window * window, C]
Tensor to_windows(const Tensor& x, std::int64_t window) {
  const std::int64_t count = x.size(1) / window;
  return x.reshape({x.size(0), count, window, count, window, x.size(3)})
      .permute({0, 1, 3, 2, 4, 5})
      .reshape({-1, window * window, x.size(3)});
}

/// The reverse.
Tensor from_windows(const Tensor& x, std::int64_t window, std::int64_t side) {
  const std::int64_t count = side / window;
  return x.reshape({-1, count, count, window, window, x.size(2)})
      .permute({0, 1, 3, 2, 4, 5})
      .reshape({-1, side, side, x.size(2)});
}

/// Tokens of `scale` times the side, [N, side, side, scale * scale * C] -> [N, scale * side, scale
/// * side, C].
Tensor deviation(const Tensor& x, std::int64_t scale) {
  const std::int64_t side = x.size(1);
  return x.reshape({x.size(0), side, side, scale, scale, -1})
      .permute({0, 1, 3, 2, 4, 5})
      .reshape({x.size(0), side * scale, side * scale, -1});
}

/// Row of the table of relative positions for each pair of a window's tokens, flat: the published
/// "relative_position_index".
Tensor relative_positions(std::int64_t window) {
  std::vector<std::int64_t> rows;
  for (std::int64_t a = 0; a < window * window; ++a) {
    for (std::int64_t b = 0; b < window * window; ++b) {
      const std::int64_t down = a / window - b / window, right = a % window - b % window;
      rows.push_back((down + window - 1) * (2 * window - 1) + right + window - 1);
    }
  }
  return torch::tensor(rows, torch::kLong);
}

/// Attention mask between tokens that only the cyclic shift made neighbours:
/// [windows, tokens, tokens], 0 or -100.
Tensor shift_mask(std::int64_t side, std::int64_t window, std::int64_t shift) {
  Tensor zones = torch::zeros({1, side, side, 1});
  const std::array<std::int64_t, 4> edges{0, side - window, side - shift, side};
  float zone = 0;
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t column = 0; column < 3; ++column) {
      zones.slice(1, edges[row], edges[row + 1])
          .slice(2, edges[column], edges[column + 1])
          .fill_(zone++);
    }
  }
  const Tensor windows = to_windows(zones, window).squeeze(2);
  return (windows.unsqueeze(1) != windows.unsqueeze(2)).to(torch::kFloat) * -100.0;
}

/// A grid of tokens and its partition into windows.
struct Grid {
  std::int64_t side = 0, channels = 0, heads = 1, window = 1;
};

class WindowAttention : public nn::Module {
 public:
  /// @param shift  of the windows, in tokens
  WindowAttention(const Grid& grid, std::int64_t shift, double dropout)
      : heads_(grid.heads), dropout_(dropout), rows_(relative_positions(grid.window)) {
    const std::int64_t span = 2 * grid.window - 1;
    table_ = register_parameter("relative_position_bias_table",
                                torch::randn({span * span, grid.heads}) * 0.02);
    qkv_ = register_module("qkv", nn::Linear(grid.channels, 3 * grid.channels));
    proj_ = register_module("proj", nn::Linear(grid.channels, grid.channels));
    if (shift > 0) mask_ = shift_mask(grid.side, grid.window, shift).unsqueeze(1);
  }

  /// @param windows  [N * windows, tokens, channels]
  Tensor forward(const Tensor& windows) {
    const std::int64_t tokens = windows.size(1);
    const Tensor qkv =
        qkv_(windows).reshape({windows.size(0), tokens, 3, heads_, -1}).permute({2, 0, 3, 1, 4});
    const double scale = 1.0 / std::sqrt(static_cast<double>(qkv.size(4)));
    Tensor weights = torch::matmul(qkv[0] * scale, qkv[1].transpose(2, 3));
    const Tensor bias = folded_.defined() ? folded_ : position_bias(tokens);
    weights = (weights.reshape({-1, bias.size(0), heads_, tokens, tokens}) + bias)
                  .reshape({-1, heads_, tokens, tokens});
    const Tensor mixed = torch::matmul(torch::softmax(weights, -1), qkv[2]);
    return random_dropout(proj_(mixed.transpose(1, 2).reshape(windows.sizes())), dropout_,
                          is_training());
  }

  /// Precomputes the sum of position bias and mask.
  void fold() {
    const torch::NoGradGuard no_grad;
    folded_ = position_bias(static_cast<std::int64_t>(std::lround(std::sqrt(rows_.numel()))));
  }

 private:
  /// [1 or windows, heads, tokens, tokens]
  Tensor position_bias(std::int64_t tokens) {
    if (rows_.device() != table_.device()) {
      rows_ = rows_.to(table_.device());
      if (mask_.defined()) mask_ = mask_.to(table_.device());
    }
    const Tensor bias =
        table_.index_select(0, rows_).reshape({tokens, tokens, heads_}).permute({2, 0, 1});
    return mask_.defined() ? mask_ + bias : bias.unsqueeze(0);
  }

  Tensor table_;
  nn::Linear qkv_{nullptr}, proj_{nullptr};
  std::int64_t heads_;
  double dropout_;
  Tensor rows_, mask_;  ///< mask_: [windows, 1, tokens, tokens]; undefined without shift
  Tensor folded_;
};

class SwinBlock : public nn::Module {
 public:
  SwinBlock(const Grid& grid, bool shifted, double drop_path, const SwinUnetConfig& c)
      : window_(grid.window), drop_path_(drop_path) {
    // A grid of a single window is not shifted.
    if (shifted && grid.side > grid.window) shift_ = grid.window / 2;
    norm1_ = register_module("norm1", layer_norm(grid.channels));
    attn_ = register_module("attn", std::make_shared<WindowAttention>(grid, shift_, c.dropout));
    norm2_ = register_module("norm2", layer_norm(grid.channels));
    const auto hidden = static_cast<std::int64_t>(static_cast<double>(grid.channels) * c.mlp_ratio);
    mlp_ = register_module("mlp", std::make_shared<Mlp>(grid.channels, hidden, c.dropout));
  }

  Tensor forward(const Tensor& x) {
    Tensor y = norm1_->forward(x);
    if (shift_ > 0) y = torch::roll(y, {-shift_, -shift_}, {1, 2});
    y = from_windows(attn_->forward(to_windows(y, window_)), window_, x.size(1));
    if (shift_ > 0) y = torch::roll(y, {shift_, shift_}, {1, 2});
    const Tensor z = x + sometimes(y);
    return z + sometimes(mlp_->forward(norm2_->forward(z)));
  }

  void fold() { attn_->fold(); }

 private:
  /// Stochastic depth (Huang et al. 2016, arXiv 1603.09382): in training, whole samples skip the
  /// branch.
  Tensor sometimes(const Tensor& y) {
    if (!is_training() || drop_path_ <= 0) return y;
    const Tensor kept = torch::empty({y.size(0), 1, 1, 1}, y.options())
                            .bernoulli_(1 - drop_path_, thread_generator());
    return y * kept / (1 - drop_path_);
  }

  std::int64_t window_, shift_ = 0;
  double drop_path_;
  std::shared_ptr<LayerNorm> norm1_, norm2_;
  std::shared_ptr<WindowAttention> attn_;
  std::shared_ptr<Mlp> mlp_;
};

/// Merges four tokens into one of twice the channels.
class PatchMerging : public nn::Module {
 public:
  explicit PatchMerging(std::int64_t channels) {
    reduction_ = register_module("reduction", linear_without_bias(4 * channels, 2 * channels));
    norm_ = register_module("norm", layer_norm(4 * channels));
  }
  Tensor forward(const Tensor& x) {
    const auto part = [&](std::int64_t row, std::int64_t column) {
      return x.slice(1, row, x.size(1), 2).slice(2, column, x.size(2), 2);
    };
    return reduction_(
        norm_->forward(torch::cat({part(0, 0), part(1, 0), part(0, 1), part(1, 1)}, -1)));
  }

 private:
  nn::Linear reduction_{nullptr};
  std::shared_ptr<LayerNorm> norm_;
};

/// Expands each token into scale * scale tokens of `out` channels.
class PatchExpand : public nn::Module {
 public:
  PatchExpand(std::int64_t channels, std::int64_t out, std::int64_t scale) : scale_(scale) {
    expand_ = register_module("expand", linear_without_bias(channels, scale * scale * out));
    norm_ = register_module("norm", layer_norm(out));
  }
  Tensor forward(const Tensor& x) { return norm_->forward(deviation(expand_(x), scale_)); }

 private:
  std::int64_t scale_;
  nn::Linear expand_{nullptr};
  std::shared_ptr<LayerNorm> norm_;
};

class PatchEmbed : public nn::Module {
 public:
  PatchEmbed(std::int64_t in, std::int64_t channels) {
    proj_ = register_module("proj", nn::Conv2d(nn::Conv2dOptions(in, channels, 4).stride(4)));
    norm_ = register_module("norm", layer_norm(channels));
  }
  /// [N, C, H, W] -> [N, H / 4, W / 4, channels]
  Tensor forward(const Tensor& image) { return norm_->forward(proj_(image).permute({0, 2, 3, 1})); }

 private:
  nn::Conv2d proj_{nullptr};
  std::shared_ptr<LayerNorm> norm_;
};

/// The blocks of one grid, and the resampling to the next, coarser or finer; the first stage of the
/// decoder has the resampling alone.
class Stage : public nn::Module {
 public:
  enum class Way { none, down, up };
  /// @param drop_paths  of the blocks
  Stage(const Grid& grid, const std::vector<double>& drop_paths, Way way, const SwinUnetConfig& c) {
    blocks_ = register_module("blocks", std::make_shared<Children<SwinBlock>>());
    for (std::size_t i = 0; i < drop_paths.size(); ++i) {
      blocks_->add(std::to_string(i), grid, i % 2 == 1, drop_paths[i], c);
    }
    if (way == Way::down) {
      down_ = register_module("downsample", std::make_shared<PatchMerging>(grid.channels));
    } else if (way == Way::up) {
      up_ = register_module("upsample",
                            std::make_shared<PatchExpand>(grid.channels, grid.channels / 2, 2));
    }
  }
  Tensor forward(Tensor x) {
    for (const auto& block : blocks_->items()) x = block->forward(x);
    if (down_) return down_->forward(x);
    return up_ ? up_->forward(x) : x;
  }
  void fold() {
    for (const auto& block : blocks_->items()) block->fold();
  }

 private:
  std::shared_ptr<Children<SwinBlock>> blocks_;
  std::shared_ptr<PatchMerging> down_;
  std::shared_ptr<PatchExpand> up_;
};

constexpr std::size_t kGrids = 4;

/// The published network: its own names, one level below "swin_unet".
class Transformer : public nn::Module {
 public:
  explicit Transformer(const SwinUnetConfig& c) {
    patch_embed_ = register_module(
        "patch_embed", std::make_shared<PatchEmbed>(c.pen.enabled ? c.pen.channels : 3, c.embed));
    std::array<Grid, kGrids> grids;
    std::array<std::vector<double>, kGrids> drop_paths;
    std::int64_t total = 0, before = 0;
    for (const auto depth : c.depths) total += depth;
    for (std::size_t i = 0; i < kGrids; ++i) {
      const std::int64_t side = c.input_size / 4 >> i;
      grids[i] = {side, c.embed << i, c.heads[i], std::min(side, c.window)};
      for (std::int64_t block = 0; block < c.depths[i]; ++block, ++before) {
        drop_paths[i].push_back(c.drop_path * static_cast<double>(before) /
                                static_cast<double>(std::max<std::int64_t>(1, total - 1)));
      }
    }
    layers_ = register_module("layers", std::make_shared<Children<Stage>>());
    for (std::size_t i = 0; i < kGrids; ++i) {
      layers_->add(std::to_string(i), grids[i], drop_paths[i],
                   i + 1 < kGrids ? Stage::Way::down : Stage::Way::none, c);
    }
    norm_ = register_module("norm", layer_norm(grids.back().channels));
    const auto layers_up = register_module("layers_up", std::make_shared<nn::Module>());
    const auto joins = register_module("concat_back_dim", std::make_shared<nn::Module>());
    first_up_ = layers_up->register_module(
        "0", std::make_shared<PatchExpand>(grids.back().channels, grids[2].channels, 2));
    for (std::size_t i = 1; i < kGrids; ++i) {
      const std::size_t grid = kGrids - 1 - i;
      const std::int64_t channels = grids[grid].channels;
      const std::string name = std::to_string(i);
      joins_.push_back(joins->register_module(name, nn::Linear(2 * channels, channels)));
      ups_.push_back(layers_up->register_module(
          name, std::make_shared<Stage>(grids[grid], drop_paths[grid],
                                        grid > 0 ? Stage::Way::up : Stage::Way::none, c)));
    }
    norm_up_ = register_module("norm_up", layer_norm(c.embed));
    up_ = register_module("up", std::make_shared<PatchExpand>(c.embed, c.embed, 4));
    output_ =
        register_module("output", nn::Conv2d(nn::Conv2dOptions(c.embed, c.classes, 1).bias(false)));
    for (const auto& module : modules(/*include_self=*/false)) {
      if (auto* layer = module->as<nn::Linear>()) {
        nn::init::normal_(layer->weight, 0.0, 0.02);
        if (layer->bias.defined()) nn::init::zeros_(layer->bias);
      }
    }
  }

  NetworkOutput forward(const Tensor& image) {
    std::vector<Tensor> skips;
    Tensor x = patch_embed_->forward(image);
    for (const auto& layer : layers_->items()) {
      skips.push_back(x);
      x = layer->forward(x);
    }
    skips.pop_back();  // the coarsest grid has no skip connection
    x = first_up_->forward(norm_->forward(x));
    NetworkOutput result;
    for (std::size_t i = 0; i < ups_.size(); ++i) {
      x = ups_[i]->forward(joins_[i](torch::cat({x, skips.back()}, -1)));
      skips.pop_back();
      if (i == 0) result.coarse = x.permute({0, 3, 1, 2});
    }
    x = up_->forward(norm_up_->forward(x));
    result.logits = output_(x.permute({0, 3, 1, 2}));
    return result;
  }

  void fold() {
    for (const auto& layer : layers_->items()) layer->fold();
    for (const auto& stage : ups_) stage->fold();
  }

  [[nodiscard]] const nn::Module& head() const { return *output_; }

 private:
  std::shared_ptr<PatchEmbed> patch_embed_;
  std::shared_ptr<Children<Stage>> layers_;
  std::shared_ptr<LayerNorm> norm_, norm_up_;
  std::shared_ptr<PatchExpand> first_up_, up_;
  std::vector<nn::Linear> joins_;
  std::vector<std::shared_ptr<Stage>> ups_;
  nn::Conv2d output_{nullptr};
};

}  // namespace

struct SwinUnet::Parts {
  std::shared_ptr<Pen> pen;
  std::shared_ptr<Transformer> transformer;
};

SwinUnet::SwinUnet(const SwinUnetConfig& config)
    : config_(config), parts_(std::make_unique<Parts>()) {
  if (config.pen.enabled) {
    parts_->pen = register_module("pen", std::make_shared<Pen>(config.views, config.pen));
  }
  parts_->transformer = register_module("swin_unet", std::make_shared<Transformer>(config));
}

SwinUnet::~SwinUnet() = default;

NetworkOutput SwinUnet::forward_features(const Tensor& views) {
  require_input(views);
  return parts_->transformer->forward(image_of_views(parts_->pen.get(), views));
}

void SwinUnet::translate_state(std::map<std::string, Tensor>& state) const {
  for (auto it = state.begin(); it != state.end();) {
    const bool worked_out =
        it->first.ends_with(".relative_position_index") || it->first.ends_with(".attn_mask");
    it = worked_out ? state.erase(it) : std::next(it);
  }
}

void SwinUnet::adapt_state(std::map<std::string, Tensor>& state) const {
  for (const auto& parameter : named_parameters()) {
    const auto given = state.find(parameter.key());
    if (given != state.end() && given->second.dim() == 2 &&
        parameter.key().ends_with(".relative_position_bias_table")) {
      // [(2 * window - 1)^2, heads]
      const auto side = std::lround(std::sqrt(static_cast<double>(parameter.value().size(0))));
      given->second = resampled_grid(given->second, side);
    }
  }
  adapt_pen(state, parts_->pen.get());
  restart_head(state, parts_->transformer->head(), "swin_unet.output.", config_.classes);
}

void SwinUnet::fold() { parts_->transformer->fold(); }

nlohmann::json SwinUnet::config() const { return to_json(config_); }

}  // namespace spine
