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

/// Batches the windows that concurrent threads submit, so that a device processes those of several
/// radiographs together. Two worker threads alternate: while one waits for the device, the other
/// prepares the next batch.
class WindowQueue {
 public:
  /// Returns one output per window, in order. Called by both worker threads concurrently.
  using Compute = std::function<Windows(const Windows&)>;

  /// @param most  maximum number of windows in a batch, unless a single request has more; halved
  ///              whenever memory is insufficient for a batch of several requests
  WindowQueue(Compute compute, std::size_t most);
  WindowQueue(const WindowQueue&) = delete;
  WindowQueue& operator=(const WindowQueue&) = delete;
  WindowQueue(WindowQueue&&) = delete;
  WindowQueue& operator=(WindowQueue&&) = delete;
  ~WindowQueue();

  /// Submits windows and waits for their outputs. @throws what `compute` throws for them.
  Windows run(const Windows& windows);

 private:
  struct Request {
    const Windows* windows;
    std::promise<Windows> promise;
  };

  void work();
  std::vector<Request*> take();
  void fulfil(const std::vector<Request*>& requests);

  Compute compute_;
  std::mutex mutex_;
  std::condition_variable asked_;
  std::deque<Request*> waiting_;
  std::size_t max_windows_;
  bool closed_ = false;
  ThreadGroup threads_;
};

}  // namespace spine
