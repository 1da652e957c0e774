#pragma once
#include <cstdint>

#include <torch/torch.h>

namespace spine::train {

/// Codebook learning by exponential moving averages: every code moves to the mean of the latents
/// assigned to it (van den Oord et al. 2017, appendix A.1), and rarely used codes are reset to
/// current latents. Latents are [N, embed, h, w], the codebook [codes, embed]; it is modified in
/// place.
class VectorQuantizer : public torch::nn::Module {
 public:
  VectorQuantizer(std::int64_t codes, std::int64_t embed);
  /// Whether the codebook was initialized.
  [[nodiscard]] bool started() const;

  /// Initializes from an existing codebook.
  void start_from(const torch::Tensor& codebook);
  /// Initializes the codebook with random latents.
  void start(const torch::Tensor& latent, const torch::Tensor& codebook);
  /// Updates the codebook from one batch.
  /// @param codes  assigned to the latents, [N, h, w], int64
  void learn(const torch::Tensor& latent, const torch::Tensor& codes,
             const torch::Tensor& codebook);

 private:
  torch::Tensor counts_, sums_;  ///< moving averages over batches
  torch::Tensor started_;
};

}  // namespace spine::train
