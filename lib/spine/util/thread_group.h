#pragma once
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace spine {

/// Threads that are joined on destruction. If the system refuses further threads (process limit, no
/// memory for a stack), start() returns false and the caller continues with the running ones.
class ThreadGroup {
 public:
  ThreadGroup() = default;
  ThreadGroup(const ThreadGroup&) = delete;
  ThreadGroup& operator=(const ThreadGroup&) = delete;
  ThreadGroup(ThreadGroup&&) = delete;
  ThreadGroup& operator=(ThreadGroup&&) = delete;
  /// Waits for all threads. Exceptions are lost unless join() was called before.
  ~ThreadGroup();

  /// Starts a thread that runs `work`.
  /// @returns false if the system refused
  bool start(std::function<void()> work);
  /// Number of threads started since the last join().
  [[nodiscard]] std::size_t size() const noexcept { return threads_.size(); }
  /// Waits for all threads. @throws the first exception thrown by one of them
  void join();

 private:
  void wait() noexcept;

  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::exception_ptr failure_;
};

/// Calls visit(0) ... visit(count - 1), each once and in unspecified order, on the calling thread
/// and up to threads - 1 others, or as many as the system permits. No further calls start after an
/// exception.
/// @throws the first exception, after all threads have ended
void for_each_index(std::size_t count, int threads, const std::function<void(std::size_t)>& visit);

/// Starts a thread; throws std::system_error as the constructor of std::thread does.
using ThreadStarter = std::function<std::thread(std::function<void()>)>;
/// For tests of refused threads: replaces the constructor of std::thread in all groups of the
/// process; an empty function restores it. Must not be called while groups start threads.
void set_thread_starter(ThreadStarter starter);

}  // namespace spine
