#pragma once
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <map>
#include <mutex>
#include <vector>

#include "spine/train/augment.h"
#include "spine/train/film_source.h"
#include "spine/util/thread_group.h"

namespace spine::train {

/// How batches are prepared.
struct BatchOptions {
  int batch = 8;  ///< samples per batch
  /// Threads that prepare samples concurrently with training, or as many as the system provides. 0:
  /// samples are prepared between steps by `inline_threads` threads, which is faster if the network
  /// uses all cores.
  int workers = 0;
  int inline_threads = 2;
  int ahead = 2;  ///< number of batches prepared in advance, with workers
  std::uint64_t seed = 1;
};

/// Batches of training samples by step number. A sample depends only on the seed, its step and its
/// index in the batch, not on the number of threads, so training can be resumed exactly.
class Batches {
 public:
  Batches(FilmSource& films, InputSpec input, AugmentOptions augment, BatchOptions options);
  ~Batches();
  Batches(const Batches&) = delete;
  Batches& operator=(const Batches&) = delete;
  Batches(Batches&&) = delete;
  Batches& operator=(Batches&&) = delete;

  /// Returns the batch of `step`; steps must be requested in ascending order, from any start.
  /// @throws any exception of reading or rendering a film
  std::vector<Sample> take(std::uint64_t step);
  /// Lets the source search for new films. Waits until no sample is being prepared.
  void refresh();

 private:
  [[nodiscard]] Sample make(std::uint64_t step, int place) const;
  std::vector<Sample> make_inline(std::uint64_t step) const;
  void start(std::uint64_t step);
  void stop();
  void work();

  FilmSource& films_;
  InputSpec input_;
  AugmentOptions augment_;
  BatchOptions options_;

  struct Pending {
    std::vector<Sample> samples;
    int handed_out = 0, finished = 0;
  };
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::uint64_t, Pending> pending_;  // by step
  std::uint64_t next_step_ = 0;               // to be taken
  bool stopping_ = false;
  std::exception_ptr failure_;
  ThreadGroup threads_;
};

}  // namespace spine::train
