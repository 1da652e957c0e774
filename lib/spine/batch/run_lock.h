#pragma once
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "spine/batch/inputs.h"

namespace spine::batch {

/// A run that holds an output folder, as its lock file tells.
struct LockOwner {
  std::string host;
  long pid = 0;
  std::string since;  ///< UTC
  std::string command;
  Shard shard;
};

/// Whether two runs may write to one folder at the same time: the shards of one batch may.
bool may_run_together(const Shard& a, const Shard& b);

/// How a run asks for a folder.
struct LockRequest {
  std::filesystem::path output;  ///< exists
  Shard shard;
  std::string command;
  std::string run;    ///< names the run's staging folders
  bool wait = false;  ///< for the other run to end, instead of being refused
  /// While it waits: whether to give up.
  std::function<bool()> stop_requested = [] { return false; };
  /// Is told of each run that it waits for, once.
  std::function<void(const LockOwner&)> on_wait = [](const LockOwner&) {};
};

/// Keeps a second run out of an output folder, on one machine and on several that share it.
///
/// Each run has a file of its own, OUT/.lock-<name>, JSON of host, process, its start, boot and
/// when it was made. A run makes its file, lists those of the others, and holds the folder if none
/// of them does; of several that ask at once the one whose name sorts first goes first. So no step
/// needs more of a file system than making a file that nobody else has and listing a folder
/// afterwards, and a file that was left over can be removed by anybody at any time, since its name
/// never comes again. A run is over, whatever its file says, when its process, on this host, is
/// gone or started at another time, when this host has booted since, or when on another host it has
/// not touched its file for two minutes. The holder touches it every 20 seconds.
class RunLock {
 public:
  /// @throws Error(output) naming the run that holds the folder, or when no file can be made;
  /// Error(interrupted) when told to stop while waiting.
  static RunLock acquire(const LockRequest& request);

  RunLock(RunLock&&) noexcept;
  RunLock& operator=(RunLock&&) noexcept;
  /// Gives the folder back.
  ~RunLock();

  /// The names of all runs that are at work in the folder, this one included.
  [[nodiscard]] std::set<std::string> runs_at_work() const;

  /// @throws Error(output) when another run took the folder over, because this one was stopped for
  /// so long that it was taken for dead.
  void require_held() const;

 private:
  struct Held;
  explicit RunLock(std::unique_ptr<Held> held);
  std::unique_ptr<Held> held_;
};

/// Waits until no other run is at work in a folder that could not run together with this one,
/// before anything is read that the other run may still change. Nothing is made where there is
/// none.
/// @throws as RunLock::acquire
void wait_for_runs(const LockRequest& request);

/// "HOST, process PID, since 2024-05-01T12:00:00Z".
std::string describe(const LockOwner& owner);

}  // namespace spine::batch
