#pragma once
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/util/thread_group.h"

namespace spine {

/// Inputs or outputs of a network: planes of each window.
using Windows = std::vector<std::vector<cv::Mat>>;

/// Gathers the windows that many threads ask a device about, so that it computes those of several
/// films together. Two threads hand them over in turn: while one waits for the device's answer, the
/// other prepares what comes next.
class WindowQueue {
 public:
  /// One output for each window, in their order. Called by both threads at once.
  using Compute = std::function<Windows(const Windows&)>;

  /// @param most  windows that are computed together, if a single request has no more; halved each
  ///              time memory does not suffice for the windows of several requests
  WindowQueue(Compute compute, std::size_t most);
  WindowQueue(const WindowQueue&) = delete;
  WindowQueue& operator=(const WindowQueue&) = delete;
  WindowQueue(WindowQueue&&) = delete;
  WindowQueue& operator=(WindowQueue&&) = delete;
  ~WindowQueue();

  /// Waits for the outputs of these windows. @throws what `compute` throws for them.
  Windows run(const Windows& windows);

 private:
  struct Request {
    const Windows* windows;
    std::promise<Windows> answer;
  };

  void work();
  std::vector<Request*> take();
  void answer(const std::vector<Request*>& requests);

  Compute compute_;
  std::mutex mutex_;
  std::condition_variable asked_;
  std::deque<Request*> waiting_;
  std::size_t most_;
  bool closed_ = false;
  ThreadGroup threads_;
};

}  // namespace spine
