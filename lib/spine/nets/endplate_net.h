#pragma once
#include <array>
#include <string_view>

#include "spine/nets/config.h"
#include "spine/nets/network.h"

namespace spine {

/// Outputs of EndplateNet, in this order. Lengths in sides of the window, from its middle, x to the
/// right, y down. The endplate is the line y = height + slope x between its two ends. The
/// log_spread_* outputs are natural logarithms of the scales of Laplace distributions.
inline constexpr std::array<std::string_view, 7> kEndplateOutputs{
    "front", "back", "height", "slope", "log_spread_ends", "log_spread_height", "log_spread_slope"};

/// Output of the network, and the maps from which it is computed.
struct EndplateMaps {
  torch::Tensor answer;  ///< [N, 7], kEndplateOutputs
  torch::Tensor course;  ///< [N, S, S]: log-probability of the endplate's row, in every column
  torch::Tensor ends;    ///< [N, 2, S, S]: log-probability of the anterior and the posterior end
};

/// Centres of the cells along a map's side, in sides from its middle: [cells], float.
torch::Tensor cell_middles(std::int64_t cells, const torch::Device& device);

/// Locates one endplate in a window in which it is approximately horizontal, its anterior end at
/// the left, its body below. An encoder-decoder with skips gives maps at half the window's
/// resolution. Rows and ends are expectations over these maps, differentiable and sub-pixel
/// accurate (Nibali et al. 2018, arXiv 1801.07372); the line is their weighted least-squares fit,
/// with predicted weights of the columns. The uncertainty is predicted as well (Kendall & Gal 2017,
/// arXiv 1703.04977).
class EndplateNet : public Network {
 public:
  explicit EndplateNet(const EndplateNetConfig& config);

  /// The outputs together with their maps, for training losses.
  /// @param windows  [N, 1, H, W]
  EndplateMaps forward_maps(const torch::Tensor& windows);
  /// NetworkOutput::logits are [N, 7, 1, 1].
  NetworkOutput forward_features(const torch::Tensor& views) override;
  void fold() override {}
  [[nodiscard]] nlohmann::json config() const override { return to_json(config_); }
  [[nodiscard]] std::int64_t input_size() const override { return config_.input_size; }
  [[nodiscard]] std::int64_t views() const override { return 1; }
  [[nodiscard]] std::int64_t classes() const override {
    return static_cast<std::int64_t>(kEndplateOutputs.size());
  }

 private:
  class Block;
  EndplateNetConfig config_;
  std::shared_ptr<Block> stem_;
  std::vector<std::shared_ptr<Block>> down_, deep_, up_, fine_;
  torch::nn::Conv2d maps_{nullptr};
  torch::nn::Linear uncertainty_{nullptr};
};

}  // namespace spine
