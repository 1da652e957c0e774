#include "spine/util/thread_group.h"

#include <algorithm>
#include <atomic>
#include <new>
#include <system_error>
#include <utility>

namespace spine {
namespace {

ThreadStarter& thread_starter() {
  static ThreadStarter starter;
  return starter;
}

std::thread start_thread(std::function<void()> work) {
  const ThreadStarter& starter = thread_starter();
  return starter ? starter(std::move(work)) : std::thread(std::move(work));
}

}  // namespace

ThreadGroup::~ThreadGroup() { wait(); }

bool ThreadGroup::start(std::function<void()> work) {
  try {
    // Reserve first: a running thread could not be discarded if push_back threw.
    threads_.reserve(threads_.size() + 1);
    threads_.push_back(start_thread([this, work = std::move(work)] {
      try {
        work();
      } catch (...) {
        const std::scoped_lock lock(mutex_);
        if (!failure_) failure_ = std::current_exception();
      }
    }));
    return true;
  } catch (const std::system_error&) {
    return false;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

void ThreadGroup::wait() noexcept {
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

void ThreadGroup::join() {
  wait();
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void for_each_index(std::size_t count, int threads, const std::function<void(std::size_t)>& visit) {
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    try {
      for (std::size_t i = next++; i < count; i = next++) visit(i);
    } catch (...) {
      next = count;
      throw;
    }
  };
  ThreadGroup group;
  const std::size_t most = std::min(count, static_cast<std::size_t>(std::max(1, threads)));
  while (group.size() + 1 < most && group.start(work)) {
  }
  work();
  group.join();
}

void set_thread_starter(ThreadStarter starter) { thread_starter() = std::move(starter); }

}  // namespace spine
