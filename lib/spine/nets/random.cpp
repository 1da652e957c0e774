#include "spine/nets/random.h"

#include <utility>

#include <ATen/CPUGeneratorImpl.h>

namespace spine {
namespace {

at::Generator& current_generator() {
  thread_local at::Generator generator;
  return generator;
}

}  // namespace

ThreadGenerator::ThreadGenerator(std::uint64_t seed)
    : previous_(
          std::exchange(current_generator(), at::make_generator<at::CPUGeneratorImpl>(seed))) {}

ThreadGenerator::~ThreadGenerator() { current_generator() = previous_; }

at::Generator thread_generator() { return current_generator(); }

torch::Tensor random_dropout(const torch::Tensor& x, double probability, bool is_training) {
  const at::Generator generator = thread_generator();
  if (!generator.defined()) return torch::dropout(x, probability, is_training);
  if (!is_training || probability == 0) return x;
  const double kept = 1 - probability;
  return x * torch::empty_like(x).bernoulli_(kept, generator).div_(kept);
}

}  // namespace spine
