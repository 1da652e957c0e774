#pragma once
#include <memory>

#include <torch/torch.h>

#include "spine/nets/config.h"
#include "spine/nets/network.h"

namespace spine {

/// PEN and TransUNet. Parameters have the names and shapes of the published implementation
/// (github.com/Beckschen/TransUNet); PEN's are under "pen".
class TransUNet : public Network {
 public:
  explicit TransUNet(const TransUNetConfig& config);
  ~TransUNet() override;
  TransUNet(const TransUNet&) = delete;
  TransUNet& operator=(const TransUNet&) = delete;
  TransUNet(TransUNet&&) = delete;
  TransUNet& operator=(TransUNet&&) = delete;

  NetworkOutput forward_features(const torch::Tensor& views) override;
  void fold() override;
  [[nodiscard]] nlohmann::json config() const override;
  [[nodiscard]] std::int64_t input_size() const override { return config_.input_size; }
  [[nodiscard]] std::int64_t views() const override { return config_.views; }
  [[nodiscard]] std::int64_t classes() const override { return config_.classes; }
  /// Channels of the first decoder block's output, after the transformer and the first skip.
  [[nodiscard]] std::int64_t coarse_channels() const override {
    return config_.decoder_widths.front();
  }
  /// Resamples position embeddings of another grid, bicubic (as the published code does with zoom).
  void adapt_state(std::map<std::string, torch::Tensor>& state) const override;

 private:
  struct Parts;
  TransUNetConfig config_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace spine
