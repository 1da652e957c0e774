#include "spine/train/shards.h"

#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>

#include "spine/nets/random.h"
#include "spine/sim/rng.h"
#include "spine/util/thread_group.h"

namespace spine::train {
namespace {

using torch::Tensor;

/// While alive, autocast keeps no converted weights on this thread: its cache is shared by all
/// threads, and each that leaves autocast empties it.
class NoCastCache {
 public:
  NoCastCache() : was_enabled_(at::autocast::is_autocast_cache_enabled()) {
    at::autocast::set_autocast_cache_enabled(false);
  }
  ~NoCastCache() { at::autocast::set_autocast_cache_enabled(was_enabled_); }
  NoCastCache(const NoCastCache&) = delete;
  NoCastCache& operator=(const NoCastCache&) = delete;
  NoCastCache(NoCastCache&&) = delete;
  NoCastCache& operator=(NoCastCache&&) = delete;

 private:
  bool was_enabled_;
};

void append(std::vector<Tensor>& to, const std::vector<Tensor>& tensors) {
  to.insert(to.end(), tensors.begin(), tensors.end());
}

}  // namespace

Slice slice_of(std::int64_t batch, std::size_t shard, std::size_t count) {
  const auto shards = static_cast<std::int64_t>(count);
  const auto start = [&](std::int64_t i) { return (i * batch + shards - 1) / shards; };
  const auto i = static_cast<std::int64_t>(shard);
  return {start(i), start(i + 1)};
}

Shards::Shards(RunState& state, std::size_t count, int threads, std::uint64_t seed)
    : threads_(threads), seed_(seed) {
  const RngStateGuard guard(torch::kCPU);  // replicas are built with random weights
  for (std::size_t i = 0; i < count; ++i) {
    Replica replica{state.network, state.coarse_head, {}, {}};
    if (i > 0) {
      replica.network = make_network(state.network->config(), "network");
      replica.network->train(state.network->is_training());
      if (state.coarse_head) {
        replica.coarse_head = torch::nn::Conv2d(
            std::dynamic_pointer_cast<torch::nn::Conv2dImpl>(state.coarse_head->clone()));
      }
    }
    append(replica.parameters, replica.network->parameters());
    append(replica.buffers, replica.network->buffers());
    if (replica.coarse_head) append(replica.parameters, replica.coarse_head->parameters());
    replicas_.push_back(std::move(replica));
  }
  const Replica& first = replicas_.front();
  const torch::NoGradGuard no_grad;
  for (std::size_t i = 1; i < count; ++i) {
    Replica& replica = replicas_[i];
    for (std::size_t p = 0; p < first.parameters.size(); ++p) {
      replica.parameters[p].set_data(first.parameters[p].data());
    }
    for (std::size_t b = 0; b < first.buffers.size(); ++b) {
      replica.buffers[b].copy_(first.buffers[b]);
    }
  }
}

void Shards::for_each(std::uint64_t step, std::int64_t batch,
                      const std::function<void(std::size_t, Slice)>& visit) const {
  if (count() == 1) {
    visit(0, {0, batch});
    return;
  }
  for_each_index(count(), threads_, [&](std::size_t i) {
    const Slice slice = slice_of(batch, i, count());
    if (slice.size() == 0) return;
    at::init_num_threads();  // OpenMP's number of threads belongs to the thread
    const NoCastCache no_cache;
    const ThreadGenerator generator(sim::Rng(seed_).split("shard", step * count() + i).next());
    visit(i, slice);
  });
}

void Shards::gather(std::int64_t batch) const {
  if (count() == 1) return;
  const torch::NoGradGuard no_grad;
  add_gradients();
  average_buffers(batch);
}

void Shards::add_gradients() const {
  const Replica& first = replicas_.front();
  for (std::size_t p = 0; p < first.parameters.size(); ++p) {
    Tensor parameter = first.parameters[p];
    for (std::size_t i = 1; i < count(); ++i) {
      Tensor own = replicas_[i].parameters[p];
      if (!own.grad().defined()) continue;
      if (parameter.grad().defined()) {
        parameter.mutable_grad().add_(own.grad());
      } else {
        parameter.mutable_grad() = own.grad();
      }
      own.mutable_grad().reset();
    }
  }
}

void Shards::average_buffers(std::int64_t batch) const {
  const Replica& first = replicas_.front();
  const auto weight = [&](std::size_t i) {
    return static_cast<double>(slice_of(batch, i, count()).size()) / static_cast<double>(batch);
  };
  for (std::size_t b = 0; b < first.buffers.size(); ++b) {
    Tensor mean = first.buffers[b];
    if (mean.is_floating_point()) {
      mean.mul_(weight(0));
      for (std::size_t i = 1; i < count(); ++i) mean.add_(replicas_[i].buffers[b], weight(i));
    }
    for (std::size_t i = 1; i < count(); ++i) {
      Tensor own = replicas_[i].buffers[b];
      own.copy_(mean);
    }
  }
}

}  // namespace spine::train
