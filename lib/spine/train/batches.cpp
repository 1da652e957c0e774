#include "spine/train/batches.h"

#include <algorithm>
#include <utility>

namespace spine::train {

Batches::Batches(FilmSource& films, InputSpec input, AugmentOptions augment, BatchOptions options)
    : films_(films), input_(std::move(input)), augment_(augment), options_(options) {}

Batches::~Batches() { stop(); }

Sample Batches::make(std::uint64_t step, int place) const {
  const auto batch = static_cast<std::uint64_t>(options_.batch);
  sim::Rng rng =
      sim::Rng(options_.seed).split("sample", step * batch + static_cast<unsigned>(place));
  sim::Rng choice = rng.split("film");
  return make_sample(films_.draw(choice), input_, augment_, rng.split("augment"));
}

std::vector<Sample> Batches::make_inline(std::uint64_t step) const {
  std::vector<Sample> samples(static_cast<std::size_t>(options_.batch));
  for_each_index(samples.size(), options_.inline_threads,
                 [&](std::size_t i) { samples[i] = make(step, static_cast<int>(i)); });
  return samples;
}

std::vector<Sample> Batches::take(std::uint64_t step) {
  if (options_.workers <= 0) return make_inline(step);
  if (threads_.size() == 0 || next_step_ != step) {
    stop();
    start(step);
  }
  if (threads_.size() == 0) {  // no thread could be started
    next_step_ = step + 1;
    return make_inline(step);
  }
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] {
    const auto it = pending_.find(step);
    return failure_ || (it != pending_.end() && it->second.finished == options_.batch);
  });
  if (failure_) std::rethrow_exception(failure_);
  auto samples = std::move(pending_.at(step).samples);
  pending_.erase(step);
  next_step_ = step + 1;
  changed_.notify_all();
  return samples;
}

void Batches::refresh() {
  stop();
  films_.refresh();
}

void Batches::start(std::uint64_t step) {
  next_step_ = step;
  stopping_ = false;
  failure_ = nullptr;
  pending_.clear();
  while (threads_.size() < static_cast<std::size_t>(options_.workers) &&
         threads_.start([this] { work(); })) {
  }
}

void Batches::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  threads_.join();
}

void Batches::work() {
  std::unique_lock lock(mutex_);
  while (!stopping_ && !failure_) {
    // The earliest batch within `ahead` that has samples left to prepare.
    std::uint64_t step = next_step_;
    const std::uint64_t end = next_step_ + static_cast<std::uint64_t>(std::max(1, options_.ahead));
    while (step < end && pending_[step].handed_out == options_.batch) ++step;
    if (step == end) {
      changed_.wait(lock);
      continue;
    }
    Pending& batch = pending_[step];
    if (batch.samples.empty()) batch.samples.resize(static_cast<std::size_t>(options_.batch));
    const int place = batch.handed_out++;
    lock.unlock();
    Sample sample;
    std::exception_ptr failure;
    try {
      sample = make(step, place);
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    if (failure) {
      failure_ = failure;
    } else {
      batch.samples[static_cast<std::size_t>(place)] = std::move(sample);
      ++batch.finished;
    }
    changed_.notify_all();
  }
}

}  // namespace spine::train
