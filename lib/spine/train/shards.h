#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include <torch/torch.h>

#include "spine/nets/network.h"
#include "spine/train/run_state.h"

namespace spine::train {

/// Examples [begin, end) of a batch.
struct Slice {
  std::int64_t begin = 0, end = 0;
  [[nodiscard]] std::int64_t size() const { return end - begin; }
  /// These rows of a tensor of the batch, a view.
  [[nodiscard]] torch::Tensor of(const torch::Tensor& batch) const {
    return batch.slice(0, begin, end);
  }
};

/// The consecutive part of a batch that belongs to one of `count` shards; their sizes differ by at
/// most 1, earlier ones are larger.
Slice slice_of(std::int64_t batch, std::size_t shard, std::size_t count);

/// Number of shards for a batch of films unless told otherwise: one for every four.
inline int shards_for_films(int batch) { return std::max(1, batch / 4); }

/// Data-parallel training within the process (Li et al. 2020, PyTorch Distributed, arXiv
/// 2006.15704): replicas of a network share its parameters, each processes a fixed slice of the
/// batch on one thread, and their gradients are added in the order of the shards. On a CPU this is
/// faster than all threads on one operator after another. Results depend on the number of shards
/// (batch norms normalise within a shard, and the order of sums differs) but not on the number of
/// threads. Running statistics are averaged over shards after each step. The random numbers of a
/// shard (dropout) depend on seed, step and shard only.
///
/// A single shard is the network itself, on the calling thread, with LibTorch's threads and random
/// numbers.
class Shards {
 public:
  /// @param state    its network and coarse head are shard 0; their parameters must keep their
  ///                 memory, on the CPU if there are several shards
  /// @param threads  number of shards processed at a time
  Shards(RunState& state, std::size_t count, int threads, std::uint64_t seed);

  [[nodiscard]] std::size_t count() const { return replicas_.size(); }
  [[nodiscard]] Network& network(std::size_t shard) const { return *replicas_.at(shard).network; }
  /// Null if the state has none.
  [[nodiscard]] torch::nn::Conv2d coarse_head(std::size_t shard) const {
    return replicas_.at(shard).coarse_head;
  }
  /// Calls visit(shard, slice) for every shard with a slice that is not empty, concurrently.
  /// LibTorch must be limited to one thread (set_network_threads) if there are several shards.
  /// @param step   of training, for the random numbers
  /// @param batch  number of examples
  /// @throws the first exception of `visit`, after all have returned
  void for_each(std::uint64_t step, std::int64_t batch,
                const std::function<void(std::size_t, Slice)>& visit) const;
  /// Adds the gradients of all shards to those of the network, and gives all shards the mean
  /// running statistics, weighted by the sizes of slices. Call once a step, after the backward
  /// passes.
  void gather(std::int64_t batch) const;

 private:
  struct Replica {
    std::shared_ptr<Network> network;
    torch::nn::Conv2d coarse_head{nullptr};
    /// Those of both, in the same order for all shards.
    std::vector<torch::Tensor> parameters, buffers;
  };
  void add_gradients() const;
  void average_buffers(std::int64_t batch) const;

  std::vector<Replica> replicas_;
  int threads_;
  std::uint64_t seed_;
};

}  // namespace spine::train
