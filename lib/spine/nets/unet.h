#pragma once
#include <array>
#include <memory>

#include <torch/torch.h>

#include "spine/nets/config.h"
#include "spine/nets/network.h"
#include "spine/nets/pen.h"

namespace spine {

/// PEN and U-Net. Parameters have the names and shapes of the public implementation
/// (github.com/milesial/Pytorch-UNet); PEN's are under "pen".
class UNet : public Network {
 public:
  explicit UNet(const UNetConfig& config);

  NetworkOutput forward_features(const torch::Tensor& views) override;
  void fold() override;
  [[nodiscard]] nlohmann::json config() const override { return to_json(config_); }
  [[nodiscard]] std::int64_t input_size() const override { return config_.input_size; }
  [[nodiscard]] std::int64_t views() const override { return config_.views; }
  [[nodiscard]] std::int64_t classes() const override { return config_.classes; }
  /// Channels after the first upsampling.
  [[nodiscard]] std::int64_t coarse_channels() const override;
  /// Folds convolution biases of earlier versions of the public code into the batch norms.
  void translate_state(std::map<std::string, torch::Tensor>& state) const override;
  /// Re-initialises a last layer of another number of classes.
  void adapt_state(std::map<std::string, torch::Tensor>& state) const override;

 private:
  class DoubleConv;
  class Down;
  class Up;
  class Out;
  UNetConfig config_;
  std::shared_ptr<Pen> pen_;  ///< null without PEN
  std::shared_ptr<DoubleConv> in_;
  std::array<std::shared_ptr<Down>, 4> down_;
  std::array<std::shared_ptr<Up>, 4> up_;
  std::shared_ptr<Out> out_;
};

}  // namespace spine
