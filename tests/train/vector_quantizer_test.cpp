#include "spine/train/vector_quantizer.h"

#include "support/catch.h"

using namespace spine::train;
using torch::Tensor;

namespace {

/// Latents [4, 2, 8, 8]: half of the places at (3, 0), half at (0, 5).
Tensor two_places() {
  Tensor latent = torch::zeros({4, 2, 8, 8});
  latent.slice(0, 0, 2).select(1, 0).fill_(3);
  latent.slice(0, 2, 4).select(1, 1).fill_(5);
  return latent;
}

/// The nearest codes of latents, [N, h, w].
Tensor nearest(const Tensor& latent, const Tensor& codebook) {
  const Tensor flat = latent.permute({0, 2, 3, 1}).reshape({-1, latent.size(1)});
  return torch::cdist(flat, codebook)
      .argmin(1)
      .reshape({latent.size(0), latent.size(2), latent.size(3)});
}

double distance(const Tensor& latent, const Tensor& codebook) {
  const Tensor taken = codebook.index_select(0, nearest(latent, codebook).flatten());
  const Tensor flat = latent.permute({0, 2, 3, 1}).reshape({-1, latent.size(1)});
  return (taken - flat).norm(2, 1).mean().item<double>();
}

}  // namespace

TEST_CASE("a codebook is initialized from latents") {
  torch::manual_seed(3);
  Tensor codebook = torch::full({16, 2}, 100.0);
  VectorQuantizer learner(16, 2);
  CHECK_FALSE(learner.started());
  learner.start(two_places(), codebook);
  CHECK(learner.started());
  CHECK(distance(two_places(), codebook) < 1e-6);
}

TEST_CASE("codes move to the mean of their latents") {
  torch::manual_seed(3);
  Tensor codebook = torch::tensor({2.0f, 0.5f, 0.5f, 4.0f}).reshape({2, 2});
  VectorQuantizer learner(2, 2);
  learner.start_from(codebook);
  const double before = distance(two_places(), codebook);
  for (int i = 0; i < 200; ++i) {
    learner.learn(two_places(), nearest(two_places(), codebook), codebook);
  }
  CHECK(before > 1);
  CHECK(distance(two_places(), codebook) < 0.01);
}

TEST_CASE("unused codes are reset to current latents") {
  torch::manual_seed(3);
  // One code gets all latents, fifteen are far away.
  Tensor codebook = torch::full({16, 2}, 1e3);
  codebook[0].fill_(1);
  VectorQuantizer learner(16, 2);
  learner.start_from(codebook);
  for (int i = 0; i < 100; ++i) {
    learner.learn(two_places(), nearest(two_places(), codebook), codebook);
  }
  CHECK(codebook.abs().max().item<double>() < 10);
  CHECK(distance(two_places(), codebook) < 0.05);
}
