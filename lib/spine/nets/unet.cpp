#include "spine/nets/unet.h"

#include <string>
#include <vector>

#include "spine/nets/blocks.h"
#include "spine/nets/children.h"
#include "spine/nets/upsample.h"

namespace spine {

using torch::Tensor;
namespace nn = torch::nn;

/// Twice convolution, batch norm and ReLU; in checkpoints "double_conv.0", ".1", ".3", ".4".
class UNet::DoubleConv : public nn::Module {
 public:
  DoubleConv(std::int64_t in, std::int64_t middle, std::int64_t out) {
    const auto layers = register_module("double_conv", std::make_shared<nn::Module>());
    const auto layer = [&](int number, std::int64_t from, std::int64_t to) {
      const auto options = nn::Conv2dOptions(from, to, 3).padding(1).bias(false);
      return ConvBn{layers->register_module(std::to_string(number), nn::Conv2d(options)),
                    layers->register_module(std::to_string(number + 1), nn::BatchNorm2d(to))};
    };
    first_ = layer(0, in, middle);
    second_ = layer(3, middle, out);
  }
  Tensor forward(const Tensor& x) { return second_(first_(x).relu_()).relu_(); }
  void fold() {
    first_.fold();
    second_.fold();
  }

 private:
  ConvBn first_, second_;
};

/// Halves the resolution; in checkpoints "maxpool_conv.1".
class UNet::Down : public nn::Module {
 public:
  Down(std::int64_t in, std::int64_t out) {
    const auto layers = register_module("maxpool_conv", std::make_shared<Children<DoubleConv>>());
    layers->add("1", in, out, out);
    conv_ = layers->items().front();
  }
  Tensor forward(const Tensor& x) { return conv_->forward(torch::max_pool2d(x, 2)); }
  void fold() { conv_->fold(); }

 private:
  std::shared_ptr<DoubleConv> conv_;
};

/// Doubles the resolution and concatenates the encoder's features of that resolution.
class UNet::Up : public nn::Module {
 public:
  Up(std::int64_t in, std::int64_t out, bool bilinear) {
    if (!bilinear) {
      const auto options = nn::ConvTranspose2dOptions(in, in / 2, 2).stride(2);
      up_ = register_module("up", nn::ConvTranspose2d(options));
    }
    conv_ = register_module("conv", std::make_shared<DoubleConv>(in, bilinear ? in / 2 : out, out));
  }
  Tensor forward(const Tensor& x, const Tensor& skip) {
    const Tensor larger = up_.is_empty() ? upsample_twice(x) : up_(x);
    return conv_->forward(join_channels(skip, larger));
  }
  void fold() { conv_->fold(); }

 private:
  nn::ConvTranspose2d up_{nullptr};
  std::shared_ptr<DoubleConv> conv_;
};

class UNet::Out : public nn::Module {
 public:
  Out(std::int64_t in, std::int64_t classes) {
    conv_ = register_module("conv", nn::Conv2d(nn::Conv2dOptions(in, classes, 1)));
    const torch::NoGradGuard no_grad;
    // Bias initialised to the class prior: most pixels belong to no structure.
    conv_->bias.fill_(-3.0);
  }
  Tensor forward(const Tensor& x) { return conv_(x); }

 private:
  nn::Conv2d conv_{nullptr};
};

UNet::UNet(const UNetConfig& config) : config_(config) {
  if (config.pen.enabled) {
    pen_ = register_module("pen", std::make_shared<Pen>(config.views, config.pen));
  }
  const std::int64_t width = config.width;
  const std::int64_t shrink =
      config.bilinear ? 2 : 1;  // bilinear upsampling does not halve the channels
  in_ = register_module(
      "inc", std::make_shared<DoubleConv>(config.pen.enabled ? config.pen.channels : config.views,
                                          width, width));
  for (std::size_t i = 0; i < down_.size(); ++i) {
    const std::int64_t in = width << i;
    const std::int64_t out = i + 1 < down_.size() ? 2 * in : 2 * in / shrink;
    down_[i] = register_module("down" + std::to_string(i + 1), std::make_shared<Down>(in, out));
  }
  for (std::size_t i = 0; i < up_.size(); ++i) {
    const std::int64_t in = 16 * width >> i;
    const std::int64_t out = i + 1 < up_.size() ? in / 2 / shrink : in / 2;
    up_[i] = register_module("up" + std::to_string(i + 1),
                             std::make_shared<Up>(in, out, config.bilinear));
  }
  out_ = register_module("outc", std::make_shared<Out>(width, config.classes));
}

std::int64_t UNet::coarse_channels() const {
  return 8 * config_.width / (config_.bilinear ? 2 : 1);
}

NetworkOutput UNet::forward_features(const Tensor& views) {
  require_input(views);
  std::vector<Tensor> skips;
  Tensor x = in_->forward(pen_ ? pen_->forward(views) : views);
  for (const auto& down : down_) {
    skips.push_back(x);
    x = down->forward(x);
  }
  NetworkOutput output;
  for (const auto& up : up_) {
    x = up->forward(x, skips.back());
    skips.pop_back();
    if (!output.coarse.defined()) output.coarse = x;
  }
  output.logits = out_->forward(x);
  return output;
}

namespace {

/// Convolutions of earlier versions of the public implementation have a bias, which the following
/// batch norm ("double_conv.0" and ".1", ".3" and ".4") cancels: it is subtracted from the mean.
void take_bias_from_mean(std::map<std::string, Tensor>& state, const std::string& block,
                         int number) {
  const auto bias = state.find(block + std::to_string(number) + ".bias");
  const auto mean = state.find(block + std::to_string(number + 1) + ".running_mean");
  if (bias == state.end() || mean == state.end() || bias->second.sizes() != mean->second.sizes()) {
    return;
  }
  mean->second = mean->second.to(torch::kFloat) - bias->second.to(torch::kFloat);
  state.erase(bias);
}

}  // namespace

void UNet::translate_state(std::map<std::string, Tensor>& state) const {
  static const std::string kBlock = "double_conv.";
  for (const auto& parameter : named_parameters()) {
    const auto at = parameter.key().find(kBlock + "0.weight");
    if (at == std::string::npos) continue;
    const std::string block = parameter.key().substr(0, at + kBlock.size());
    take_bias_from_mean(state, block, 0);
    take_bias_from_mean(state, block, 3);
  }
}

void UNet::adapt_state(std::map<std::string, Tensor>& state) const {
  adapt_pen(state, pen_.get());
  restart_head(state, *out_, "outc.", config_.classes);
}

void UNet::fold() {
  in_->fold();
  for (const auto& down : down_) down->fold();
  for (const auto& up : up_) up->fold();
}

}  // namespace spine
