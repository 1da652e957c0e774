#pragma once
#include <cstdint>

#include <torch/torch.h>

namespace spine::train {

/// A codebook as it is learned: every code moves to the mean of the latents that take it (van den
/// Oord et al. 2017, appendix A.1), and codes that hardly any takes move to latents at hand.
/// Latents are [N, embed, h, w], the codebook [codes, embed]; it is changed in place.
class VectorQuantizer : public torch::nn::Module {
 public:
  VectorQuantizer(std::int64_t codes, std::int64_t embed);
  [[nodiscard]] bool started() const;

  /// Begins with codes that are there already.
  void start_from(const torch::Tensor& codebook);
  /// Begins with codes drawn from latents.
  void start(const torch::Tensor& latent, torch::Tensor codebook);
  /// @param codes  that the latents took, [N, h, w], int64
  void learn(const torch::Tensor& latent, const torch::Tensor& codes, torch::Tensor codebook);

 private:
  torch::Tensor counts_, sums_;  ///< moving averages over batches
  torch::Tensor started_;
};

}  // namespace spine::train
