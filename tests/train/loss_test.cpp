#include "spine/train/loss.h"

#include "support/catch.h"

using spine::train::segmentation_loss;

namespace {

torch::Tensor by_autograd(const torch::Tensor& logits, const torch::Tensor& targets,
                          const spine::train::LossOptions& options) {
  const auto p = torch::sigmoid(logits);
  const auto dice =
      1 - ((2 * (p * targets).sum({0, 2, 3}) + 1) / (p.sum({0, 2, 3}) + targets.sum({0, 2, 3}) + 1))
              .mean();
  const auto bce = torch::binary_cross_entropy_with_logits(logits, targets);
  return options.dice_weight * dice + options.bce_weight * bce;
}

}  // namespace

TEST_CASE("Value and gradient of the loss match automatic differentiation") {
  torch::manual_seed(1);
  const auto targets = torch::rand({3, 4, 6, 5}).pow(3);
  const auto logits = (torch::randn({3, 4, 6, 5}) * 3).requires_grad_();
  const spine::train::LossOptions options{0.7, 2.5};
  const auto expected = by_autograd(logits, targets, options);
  expected.backward();
  const auto loss = segmentation_loss(logits, targets, options);
  CHECK(loss.total == Approx(expected.item<double>()).epsilon(1e-5));
  CHECK(torch::allclose(loss.gradient, logits.grad(), 1e-4, 1e-7));
}

TEST_CASE("The loss is near zero for the targets and large for their inverse") {
  const auto targets = torch::zeros({1, 2, 8, 8});
  targets.slice(2, 2, 5).fill_(1);
  const auto right = segmentation_loss((targets - 0.5) * 60, targets);
  CHECK(right.total < 1e-5);
  const auto wrong = segmentation_loss((0.5 - targets) * 60, targets);
  CHECK(wrong.dice > 0.95);
  CHECK(wrong.bce > 20);
}

TEST_CASE("The gradient has the logits' precision and stays finite for extreme logits") {
  const auto logits = torch::full({1, 1, 4, 4}, 200.0).to(torch::kBFloat16);
  const auto loss = segmentation_loss(logits, torch::zeros({1, 1, 4, 4}));
  CHECK(loss.gradient.scalar_type() == torch::kBFloat16);
  CHECK(torch::isfinite(loss.gradient.to(torch::kFloat)).all().item<bool>());
  CHECK(std::isfinite(loss.total));
}

TEST_CASE("Channels are exchanged only in films that match the exchanged targets better") {
  const auto targets = torch::zeros({2, 3, 4, 4});
  targets.select(1, 1).slice(1, 0, 2).fill_(1);
  targets.select(1, 2).slice(1, 2, 4).fill_(1);
  auto logits = (targets - 0.5) * 10;
  logits[1] = logits[1].index_select(0, torch::tensor({0, 2, 1}));
  const auto matched = spine::train::matched_targets(logits, targets, 1, 2);
  CHECK(torch::equal(matched[0], targets[0]));
  CHECK(torch::equal(matched[1], targets[1].index_select(0, torch::tensor({0, 2, 1}))));
}
