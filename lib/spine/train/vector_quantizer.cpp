#include "spine/train/vector_quantizer.h"

namespace spine::train {
namespace {

using torch::Tensor;

/// Latents of all positions, [N h w, embed].
Tensor places(const Tensor& latent) {
  return latent.detach().permute({0, 2, 3, 1}).reshape({-1, latent.size(1)}).to(torch::kFloat);
}

/// Random latents, [count, embed].
Tensor some(const Tensor& latent, std::int64_t count) {
  const Tensor flat = places(latent);
  return flat.index_select(0, torch::randint(flat.size(0), {count}).to(flat.device()));
}

}  // namespace

VectorQuantizer::VectorQuantizer(std::int64_t codes, std::int64_t embed) {
  counts_ = register_buffer("counts", torch::zeros({codes}));
  sums_ = register_buffer("sums", torch::zeros({codes, embed}));
  started_ = register_buffer("started", torch::zeros({1}));
}

bool VectorQuantizer::started() const { return started_.item<float>() > 0; }

void VectorQuantizer::start_from(const Tensor& codebook) {
  const torch::NoGradGuard no_grad;
  counts_.fill_(1);
  sums_.copy_(codebook);
  started_.fill_(1);
}

void VectorQuantizer::start(const Tensor& latent, const Tensor& codebook) {
  const torch::NoGradGuard no_grad;
  codebook.copy_(some(latent, codebook.size(0)));
  start_from(codebook);
  counts_.fill_(static_cast<double>(places(latent).size(0)) /
                static_cast<double>(codebook.size(0)));
  sums_.mul_(counts_.unsqueeze(1));
}

void VectorQuantizer::learn(const Tensor& latent, const Tensor& codes, const Tensor& codebook) {
  constexpr double kRate = 0.05;  // weight of a batch in the moving averages
  constexpr double kRare = 0.05;  // fraction of the uniform share below which a code is dead
  const torch::NoGradGuard no_grad;
  const Tensor flat = places(latent);
  const Tensor index = codes.flatten();
  const Tensor counts = torch::zeros_like(counts_).index_add_(
      0, index, torch::ones({index.size(0)}, counts_.options()));
  counts_.lerp_(counts, kRate);
  sums_.lerp_(torch::zeros_like(sums_).index_add_(0, index, flat), kRate);
  const double fair = static_cast<double>(flat.size(0)) / static_cast<double>(codebook.size(0));
  const Tensor rare = counts_.lt(kRare * fair).nonzero().flatten();
  if (rare.size(0) > 0) {
    const Tensor entries = some(latent, rare.size(0));
    counts_.index_fill_(0, rare, fair);
    sums_.index_copy_(0, rare, entries * fair);
  }
  codebook.copy_(sums_ / counts_.unsqueeze(1));
}

}  // namespace spine::train
