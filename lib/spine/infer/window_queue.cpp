#include "spine/infer/window_queue.h"

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>

#include "spine/core/error.h"
#include "spine/util/describe_failure.h"

namespace spine {
namespace {

constexpr std::size_t kThreads = 2;

}  // namespace

WindowQueue::WindowQueue(Compute compute, std::size_t most)
    : compute_(std::move(compute)), max_windows_(std::max<std::size_t>(1, most)) {
  while (threads_.size() < kThreads && threads_.start([this] { work(); })) {
  }
}

WindowQueue::~WindowQueue() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  asked_.notify_all();
}

Windows WindowQueue::run(const Windows& windows) {
  if (threads_.size() == 0) return compute_(windows);
  Request request{&windows, {}};
  auto answer = request.promise.get_future();
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(&request);
  }
  asked_.notify_one();
  return answer.get();
}

void WindowQueue::work() {
  for (auto requests = take(); !requests.empty(); requests = take()) fulfil(requests);
}

/// Takes the requests of the next batch; none when the queue is closed.
std::vector<WindowQueue::Request*> WindowQueue::take() {
  std::unique_lock lock(mutex_);
  asked_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
  std::vector<Request*> taken;
  std::size_t windows = 0;
  while (!waiting_.empty()) {
    windows += waiting_.front()->windows->size();
    if (!taken.empty() && windows > max_windows_) break;
    taken.push_back(waiting_.front());
    waiting_.pop_front();
  }
  return taken;
}

void WindowQueue::fulfil(const std::vector<Request*>& requests) {
  Windows all;
  for (const Request* request : requests) {
    all.insert(all.end(), request->windows->begin(), request->windows->end());
  }
  try {
    Windows outputs = compute_(all);
    if (outputs.size() != all.size()) {
      throw Error(ErrorKind::internal, "network: expected " + std::to_string(all.size()) +
                                           " outputs, got " + std::to_string(outputs.size()));
    }
    auto next = std::make_move_iterator(outputs.begin());
    for (Request* request : requests) {
      const auto end = next + static_cast<std::ptrdiff_t>(request->windows->size());
      request->promise.set_value(Windows(next, end));
      next = end;
    }
  } catch (...) {
    const auto thrown = std::current_exception();
    if (requests.size() == 1) return requests.front()->promise.set_exception(thrown);
    if (describe_failure(thrown).kind == ErrorKind::out_of_memory) {
      const std::lock_guard lock(mutex_);
      max_windows_ = std::max<std::size_t>(1, std::min(max_windows_, all.size()) / 2);
    }
    // Retry in halves, down to single requests, so that only the failing one gets the error.
    const auto middle = requests.begin() + static_cast<std::ptrdiff_t>(requests.size() / 2);
    fulfil({requests.begin(), middle});
    fulfil({middle, requests.end()});
  }
}

}  // namespace spine
