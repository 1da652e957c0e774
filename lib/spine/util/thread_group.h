#pragma once
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace spine {

/// Threads that are joined before the group ends. A system that gives no more threads (a limit on
/// processes, no memory for a stack) is no error: start() says so, and the caller goes on with
/// those that run, or does the work itself.
class ThreadGroup {
 public:
  ThreadGroup() = default;
  ThreadGroup(const ThreadGroup&) = delete;
  ThreadGroup& operator=(const ThreadGroup&) = delete;
  ThreadGroup(ThreadGroup&&) = delete;
  ThreadGroup& operator=(ThreadGroup&&) = delete;
  /// Waits for all. What they threw is lost, unless join() was called before.
  ~ThreadGroup();

  /// @returns whether a thread was started that runs `work`
  bool start(std::function<void()> work);
  /// How many have been started since the last join().
  [[nodiscard]] std::size_t size() const noexcept { return threads_.size(); }
  /// Waits for all. @throws what the first one that failed threw.
  void join();

 private:
  void wait() noexcept;

  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::exception_ptr failure_;
};

/// Calls visit(0) ... visit(count - 1), each once and in no fixed order, on the calling thread and
/// up to threads - 1 others, or as many as the system gives. After an exception no further call is
/// begun. @throws the first exception, when all threads have ended.
void for_each_index(std::size_t count, int threads, const std::function<void(std::size_t)>& visit);

/// Starts a thread, or throws std::system_error as std::thread's constructor does.
using ThreadStarter = std::function<std::thread(std::function<void()>)>;
/// For tests of what happens when there are no more threads: replaces std::thread's constructor in
/// every group of the process; an empty one restores it. Not to be called while groups start.
void set_thread_starter(ThreadStarter starter);

}  // namespace spine
