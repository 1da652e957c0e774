#include "spine/train/segmentation_step.h"

#include "infer/tiny_network.h"
#include "support/catch.h"

using namespace spine;
using namespace spine::train;

namespace {

constexpr std::int64_t kFilms = 4;

/// A batch of random films and a network in training, with gradients of zero.
struct Batch {
  explicit Batch(const nlohmann::json& config) {
    torch::manual_seed(3);
    state = make_run_state(config, "tiny", torch::kCPU, 0.02);
    const auto layout = at::MemoryFormat::ChannelsLast;
    planes = torch::randn({kFilms, 2, 64, 64}).contiguous(layout);
    targets = torch::rand({kFilms, 8, 64, 64}).gt(0.9).to(torch::kFloat).contiguous(layout);
  }
  /// The gradients of all parameters after one step in `shards`.
  std::vector<torch::Tensor> gradients(std::size_t count, int threads, LossValue& loss) {
    state.optimizer->zero_grad();
    torch::manual_seed(4);
    const Shards shards(state, count, threads, 1);
    loss = segmentation_gradient(shards, 0, planes, targets,
                                 {.coarse_weight = 0.4, .match_heads = true});
    return copies();
  }
  [[nodiscard]] std::vector<torch::Tensor> copies() const {
    std::vector<torch::Tensor> gradients;
    for (const auto& p : state.network->parameters()) gradients.push_back(p.grad().clone());
    for (const auto& p : state.coarse_head->parameters()) gradients.push_back(p.grad().clone());
    return gradients;
  }
  RunState state;
  torch::Tensor planes, targets;
};

bool are_same(const std::vector<torch::Tensor>& a, const std::vector<torch::Tensor>& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!torch::equal(a[i], b[i])) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("The gradient of two shards is that of the whole batch") {
  Batch batch(test::tiny_config());
  batch.state.network->eval();  // batch norms and dropout depend on the shard
  LossValue whole, halves;
  const auto expected = batch.gradients(1, 1, whole);
  const auto found = batch.gradients(2, 1, halves);
  CHECK(halves.total == Approx(whole.total).epsilon(1e-5));
  CHECK(halves.dice == Approx(whole.dice).epsilon(1e-5));
  CHECK(halves.bce == Approx(whole.bce).epsilon(1e-5));
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    INFO("parameter " << i);
    CHECK(torch::allclose(found[i], expected[i], 1e-4, 1e-5));
  }
  // Three films in two shards have other weights than four.
  batch.planes = batch.planes.slice(0, 0, 3);
  batch.targets = batch.targets.slice(0, 0, 3);
  const auto three = batch.gradients(1, 1, whole);
  const auto parts = batch.gradients(2, 1, halves);
  for (std::size_t i = 0; i < three.size(); ++i) {
    INFO("parameter " << i);
    CHECK(torch::allclose(parts[i], three[i], 1e-4, 1e-5));
  }
}

TEST_CASE("A single shard gives the bytes of the network's own forward and backward pass") {
  Batch batch(test::tiny_config());
  LossValue loss;
  const auto found = batch.gradients(1, 2, loss);

  batch.state.optimizer->zero_grad();
  torch::manual_seed(4);
  const NetworkOutput output = batch.state.network->forward_features(batch.planes);
  const torch::Tensor coarse = batch.state.coarse_head(output.coarse);
  const torch::Tensor targets =
      matched_targets(output.logits, batch.targets, index(Structure::F1), index(Structure::F2));
  const Loss main = segmentation_loss(output.logits, targets);
  const Loss side = segmentation_loss(coarse, torch::avg_pool2d(targets, 8));
  torch::autograd::backward({output.logits, coarse}, {main.gradient, side.gradient * 0.4});
  CHECK(loss.total == main.total);
  CHECK(are_same(found, batch.copies()));
}

TEST_CASE("Dropout in shards depends on seed and step, not on the number of threads") {
  Batch batch(test::tiny_config());
  LossValue loss;
  const auto once = batch.gradients(2, 1, loss);
  CHECK(are_same(once, batch.gradients(2, 2, loss)));
  const auto before = torch::rand({1});
  CHECK(are_same(once, batch.gradients(2, 2, loss)));
  CHECK_FALSE(are_same(once, batch.gradients(1, 1, loss)));
  batch.state.optimizer->zero_grad();
  segmentation_gradient(Shards(batch.state, 2, 2, 1), /*step=*/1, batch.planes, batch.targets,
                        {.coarse_weight = 0.4, .match_heads = true});
  CHECK_FALSE(are_same(once, batch.copies()));
}
