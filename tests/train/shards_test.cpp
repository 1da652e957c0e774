#include "spine/train/shards.h"

#include <stdexcept>

#include "infer/tiny_network.h"
#include "support/catch.h"

using namespace spine;
using namespace spine::train;

namespace {

nlohmann::json tiny_unet() {
  return {{"architecture", "unet"}, {"input_size", 32}, {"views", 3},
          {"classes", 2},           {"width", 4},       {"pen", {{"enabled", false}}}};
}

std::vector<torch::Tensor> copies(const std::vector<torch::Tensor>& tensors) {
  std::vector<torch::Tensor> result;
  for (const auto& tensor : tensors) result.push_back(tensor.clone());
  return result;
}

}  // namespace

TEST_CASE("Slices cover a batch without overlap and differ by at most one") {
  for (const std::int64_t batch : {0, 1, 2, 5, 8}) {
    for (const std::size_t count : {1, 2, 3, 8}) {
      std::int64_t end = 0;
      for (std::size_t i = 0; i < count; ++i) {
        const Slice slice = slice_of(batch, i, count);
        CHECK(slice.begin == end);
        CHECK(slice.size() >= batch / static_cast<std::int64_t>(count));
        CHECK(slice.size() <= batch / static_cast<std::int64_t>(count) + 1);
        end = slice.end;
      }
      CHECK(end == batch);
    }
  }
  CHECK(slice_of(3, 0, 2).size() == 2);
}

TEST_CASE("Replicas follow the optimizer and are built without random numbers of training") {
  torch::manual_seed(1);
  RunState state = make_run_state(tiny_unet(), "tiny", torch::kCPU, 0);
  torch::manual_seed(2);
  const Shards shards(state, 2, 1, 1);
  const auto drawn = torch::rand({1});
  torch::manual_seed(2);
  CHECK(torch::equal(drawn, torch::rand({1})));
  {
    const torch::NoGradGuard no_grad;
    for (auto& p : state.network->parameters()) p.add_(1);
  }
  const auto own = shards.network(1).parameters(), first = state.network->parameters();
  for (std::size_t i = 0; i < first.size(); ++i) CHECK(torch::equal(own[i], first[i]));
}

TEST_CASE("Running statistics are the weighted means of all shards") {
  torch::manual_seed(1);
  RunState state = make_run_state(tiny_unet(), "tiny", torch::kCPU, 0);
  const auto films = torch::randn({3, 3, 32, 32});
  const Shards shards(state, 2, 2, 1);
  std::vector<std::vector<torch::Tensor>> own(2);
  shards.for_each(0, 3, [&](std::size_t i, Slice slice) {
    shards.network(i).forward(slice.of(films)).sum().backward();
    own[i] = copies(shards.network(i).buffers());
  });
  shards.gather(3);
  const auto first = shards.network(0).buffers(), second = shards.network(1).buffers();
  REQUIRE(!first.empty());
  for (std::size_t b = 0; b < first.size(); ++b) {
    CHECK(torch::equal(first[b], second[b]));
    const auto mean =
        first[b].is_floating_point() ? own[0][b] * (2.0 / 3) + own[1][b] * (1.0 / 3) : own[0][b];
    CHECK(torch::allclose(first[b], mean));
  }
  for (const auto& p : shards.network(1).parameters()) CHECK_FALSE(p.grad().defined());
}

TEST_CASE("Shards without examples are left out, and an exception of one is passed on") {
  torch::manual_seed(1);
  RunState state = make_run_state(tiny_unet(), "tiny", torch::kCPU, 0);
  const Shards shards(state, 3, 2, 1);
  std::vector<int> visits(3);
  shards.for_each(0, 2, [&](std::size_t i, Slice) { ++visits[i]; });
  CHECK(visits == std::vector<int>{1, 1, 0});
  CHECK_THROWS_AS(
      shards.for_each(0, 3, [](std::size_t, Slice) { throw std::runtime_error("shard"); }),
      std::runtime_error);
}
