#pragma once
#include <atomic>
#include <memory>
#include <system_error>
#include <utility>

#include "spine/util/thread_group.h"

namespace spine::test {

/// While it lives, the process gives so many threads and no more.
class FewThreads {
 public:
  explicit FewThreads(int threads) {
    auto left = std::make_shared<std::atomic<int>>(threads);
    set_thread_starter([left](std::function<void()> work) {
      if ((*left)-- <= 0) {
        throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
      }
      return std::thread(std::move(work));
    });
  }
  FewThreads(const FewThreads&) = delete;
  FewThreads& operator=(const FewThreads&) = delete;
  FewThreads(FewThreads&&) = delete;
  FewThreads& operator=(FewThreads&&) = delete;
  ~FewThreads() { set_thread_starter({}); }
};

}  // namespace spine::test
