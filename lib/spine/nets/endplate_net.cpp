#include "spine/nets/endplate_net.h"

#include "spine/nets/blocks.h"

namespace spine {

using torch::Tensor;

namespace {

// Channels of the last convolution.
enum Map : std::int64_t { kCourse, kColumnWeight, kFront, kBack, kMaps };

/// Mean and variance over the last dimension.
struct Moments {
  Tensor mean, variance;
};
Moments moments(const Tensor& values, const Tensor& weights) {
  const Tensor mean = (weights * values).sum(-1);
  const Tensor apart = values - mean.unsqueeze(-1);
  return {mean, (weights * apart * apart).sum(-1)};
}

}  // namespace

Tensor cell_middles(std::int64_t cells, const torch::Device& device) {
  const auto options = torch::TensorOptions(torch::kFloat).device(device);
  return (torch::arange(cells, options) + 0.5) / static_cast<double>(cells) - 0.5;
}

/// 3x3 convolution, group norm, ReLU; added to its input where shapes allow it.
class EndplateNet::Block : public torch::nn::Module {
 public:
  Block(std::int64_t in, std::int64_t out, std::int64_t stride, std::int64_t groups)
      : residual_(in == out && stride == 1) {
    conv_ = register_module(
        "conv", torch::nn::Conv2d(
                    torch::nn::Conv2dOptions(in, out, 3).stride(stride).padding(1).bias(false)));
    norm_ = register_module("norm", std::make_shared<GroupNorm>(groups, out, 1e-5));
  }
  Tensor forward(const Tensor& x) {
    const Tensor y = norm_->then_relu(conv_(x));
    return residual_ ? x + y : y;
  }

 private:
  torch::nn::Conv2d conv_{nullptr};
  std::shared_ptr<GroupNorm> norm_;
  bool residual_;
};

EndplateNet::EndplateNet(const EndplateNetConfig& config) : config_(config) {
  const auto& widths = config.widths;
  const auto block = [&](const std::string& name, std::size_t i, std::int64_t in, std::int64_t out,
                         std::int64_t stride) {
    return register_module(name + std::to_string(i),
                           std::make_shared<Block>(in, out, stride, config.norm_groups));
  };
  stem_ =
      register_module("stem", std::make_shared<Block>(1, config.stem_width, 1, config.norm_groups));
  for (std::size_t i = 0; i < widths.size(); ++i) {
    down_.push_back(block("down", i, i == 0 ? config.stem_width : widths[i - 1], widths[i], 2));
    deep_.push_back(block("deep", i, widths[i], widths[i], 1));
  }
  for (std::size_t i = 0; i + 1 < widths.size(); ++i) {
    up_.push_back(block("up", i, widths[i + 1] + widths[i], widths[i], 1));
    fine_.push_back(block("fine", i, widths[i], widths[i], 1));
  }
  maps_ = register_module("maps",
                          torch::nn::Conv2d(torch::nn::Conv2dOptions(widths.front(), kMaps, 1)));
  // The name of its tensors in weights files.
  uncertainty_ =
      register_module("spreads", torch::nn::Linear(widths.front() + widths.back() + 1, 3));
  const torch::NoGradGuard no_grad;
  uncertainty_->weight.mul_(0.1);
  uncertainty_->bias.fill_(-4);
}

EndplateMaps EndplateNet::forward_maps(const Tensor& windows) {
  std::vector<Tensor> levels;
  Tensor x = stem_->forward(windows);
  for (std::size_t i = 0; i < down_.size(); ++i) {
    x = deep_[i]->forward(down_[i]->forward(x));
    levels.push_back(x);
  }
  for (std::size_t i = up_.size(); i-- > 0;) {
    const Tensor larger = torch::upsample_nearest2d(x, {levels[i].size(2), levels[i].size(3)});
    x = fine_[i]->forward(up_[i]->forward(join_channels(larger, levels[i])));
  }
  const Tensor maps = maps_(x).to(torch::kFloat).contiguous();
  const std::int64_t side = maps.size(3);
  const Tensor places = cell_middles(side, maps.device());

  EndplateMaps result;
  result.course = torch::log_softmax(maps.select(1, kCourse), 1);
  const Tensor rows = result.course.exp().transpose(1, 2);  // [N, column, row]
  const auto row = moments(places, rows);
  const Tensor opinions = (rows * maps.select(1, kColumnWeight).transpose(1, 2)).sum(-1);
  const Tensor weights = torch::softmax(opinions, 1);
  const auto column = moments(places, weights);
  const Tensor apart = places - column.mean.unsqueeze(-1);
  constexpr double kLeastVariance = 1e-4;
  const Tensor slope = (weights * apart * row.mean).sum(-1) / (column.variance + kLeastVariance);
  const Tensor height = (weights * row.mean).sum(-1) - slope * column.mean;

  const Tensor ends = torch::log_softmax(maps.slice(1, kFront, kBack + 1).flatten(2), 2);
  result.ends = ends.reshape({maps.size(0), 2, side, side});
  const Tensor across = (result.ends.exp().sum(2) * places).sum(-1);  // [N, 2]

  const Tensor doubt = torch::log((weights * row.variance).sum(-1, true) + 1e-6);
  const Tensor features = torch::cat(
      {x.to(torch::kFloat).mean({2, 3}), levels.back().to(torch::kFloat).mean({2, 3}), doubt}, 1);
  const Tensor uncertainty =
      torch::nn::functional::linear(features, uncertainty_->weight, uncertainty_->bias);
  result.answer =
      torch::cat({across, height.unsqueeze(1), slope.unsqueeze(1), uncertainty.clamp(-9, 1)}, 1);
  return result;
}

NetworkOutput EndplateNet::forward_features(const Tensor& views) {
  return {forward_maps(views).answer.unsqueeze(-1).unsqueeze(-1), {}};
}

}  // namespace spine
