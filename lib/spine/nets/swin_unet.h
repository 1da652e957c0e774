#pragma once
#include <memory>

#include <torch/torch.h>

#include "spine/nets/config.h"
#include "spine/nets/network.h"

namespace spine {

/// PEN and Swin-Unet. Parameters have the names and shapes of the published implementation
/// (github.com/HuCaoFighting/Swin-Unet), whose buffers (window masks, indices of relative
/// positions) are computed and not stored; PEN's are under "pen".
class SwinUnet : public Network {
 public:
  explicit SwinUnet(const SwinUnetConfig& config);
  ~SwinUnet() override;
  SwinUnet(const SwinUnet&) = delete;
  SwinUnet& operator=(const SwinUnet&) = delete;
  SwinUnet(SwinUnet&&) = delete;
  SwinUnet& operator=(SwinUnet&&) = delete;

  NetworkOutput forward_features(const torch::Tensor& views) override;
  void fold() override;
  [[nodiscard]] nlohmann::json config() const override;
  [[nodiscard]] std::int64_t input_size() const override { return config_.input_size; }
  [[nodiscard]] std::int64_t views() const override { return config_.views; }
  [[nodiscard]] std::int64_t classes() const override { return config_.classes; }
  /// The decoder's features on the 1/8 grid.
  [[nodiscard]] std::int64_t coarse_channels() const override { return 2 * config_.embed; }
  /// Drops the buffers of the published implementation.
  void translate_state(std::map<std::string, torch::Tensor>& state) const override;
  /// Resamples tables of relative positions of another window (bicubic) and re-initialises a last
  /// layer of another number of classes.
  void adapt_state(std::map<std::string, torch::Tensor>& state) const override;

 private:
  struct Parts;
  SwinUnetConfig config_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace spine
