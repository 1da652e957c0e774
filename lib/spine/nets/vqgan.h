#pragma once
#include <memory>

#include <torch/torch.h>

#include "spine/nets/config.h"
#include "spine/nets/network.h"

namespace spine {

/// Result of the vector quantizer.
struct Quantised {
  torch::Tensor latent;  ///< [N, embed, h, w]: codebook entries, straight-through gradient
  torch::Tensor codes;   ///< [N, h, w], int64
  torch::Tensor loss;    ///< codebook + beta * commitment (van den Oord et al. 2017), scalar
};

/// Codebook usage of a batch.
struct CodeUsage {
  torch::Tensor counts;   ///< [codes], float: positions assigned to each code
  double perplexity = 0;  ///< exp of the entropy; the number of codes if all are equally used
  double used = 0;        ///< fraction of codes that are used
};
/// Counts codes.
/// @param codes  int64, any shape
CodeUsage code_usage(const torch::Tensor& codes, std::int64_t codebook_size);

/// Vector-quantised autoencoder of Esser et al. 2021, Taming Transformers (arXiv 2012.09841).
/// Parameters have the names and shapes of the published implementation
/// (github.com/CompVis/taming-transformers): encoder, decoder, quantize, quant_conv,
/// post_quant_conv. As a Network its output is the reconstructed image, in the range of its input.
class Vqgan : public Network {
 public:
  explicit Vqgan(const VqganConfig& config);
  ~Vqgan() override;
  Vqgan(const Vqgan&) = delete;
  Vqgan& operator=(const Vqgan&) = delete;
  Vqgan(Vqgan&&) = delete;
  Vqgan& operator=(Vqgan&&) = delete;

  /// [N, channels, H, W] in [-1, 1] -> [N, embed, H / f, W / f], f = 2^(stages - 1); of length 1
  /// with VqganConfig::unit_codes.
  torch::Tensor encode(const torch::Tensor& image);
  Quantised quantise(const torch::Tensor& latent);
  /// [N, embed, h, w] -> [N, channels, h * f, w * f], about [-1, 1].
  torch::Tensor decode(const torch::Tensor& latent);
  /// decode(quantise(encode(image))).
  NetworkOutput forward_features(const torch::Tensor& image) override;

  /// The codebook, [codes, embed].
  [[nodiscard]] torch::Tensor codebook() const;
  /// The decoder's last convolution, whose gradients balance the adversarial loss.
  [[nodiscard]] torch::Tensor last_weight() const;

  void fold() override {}  // nothing to fold
  /// Drops the networks of the published training losses.
  void translate_state(std::map<std::string, torch::Tensor>& state) const override;
  [[nodiscard]] nlohmann::json config() const override { return to_json(config_); }
  [[nodiscard]] std::int64_t input_size() const override { return config_.input_size; }
  [[nodiscard]] std::int64_t views() const override { return config_.channels; }
  [[nodiscard]] std::int64_t classes() const override { return config_.channels; }

 private:
  struct Parts;
  VqganConfig config_;
  std::unique_ptr<Parts> parts_;
};

/// Patch discriminator (Isola et al. 2017): [N, channels, H, W] -> one logit for each overlapping
/// patch. Names and shapes as the published VQGAN's loss.discriminator.
class PatchDiscriminator : public torch::nn::Module {
 public:
  PatchDiscriminator(std::int64_t channels, std::int64_t width, std::int64_t layers);
  torch::Tensor forward(const torch::Tensor& image);

 private:
  torch::nn::Sequential main_;
};

}  // namespace spine
