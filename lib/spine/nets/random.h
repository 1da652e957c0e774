#pragma once
#include <cstdint>

#include <torch/torch.h>

namespace spine {

/// While alive, the networks that run on this thread draw their random numbers (dropout, stochastic
/// depth) from a generator of its own on the CPU. LibTorch's default generator is shared by all
/// threads, so that concurrent networks would draw in an unpredictable order.
class ThreadGenerator {
 public:
  explicit ThreadGenerator(std::uint64_t seed);
  ~ThreadGenerator();
  ThreadGenerator(const ThreadGenerator&) = delete;
  ThreadGenerator& operator=(const ThreadGenerator&) = delete;
  ThreadGenerator(ThreadGenerator&&) = delete;
  ThreadGenerator& operator=(ThreadGenerator&&) = delete;

 private:
  at::Generator previous_;
};

/// The generator of this thread's ThreadGenerator; undefined, which stands for LibTorch's default
/// generator, without one.
at::Generator thread_generator();

/// torch::dropout() with thread_generator().
/// @param probability  of a value to be replaced by 0, in [0, 1)
torch::Tensor random_dropout(const torch::Tensor& x, double probability, bool is_training);

}  // namespace spine
