#pragma once
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "spine/batch/inputs.h"

namespace spine::batch {

/// The run that holds an output folder, as described by its lock file.
struct LockOwner {
  std::string host;
  long pid = 0;
  std::string since;  ///< UTC, ISO 8601
  std::string command;
  Shard shard;
};

/// Whether two runs may write to one folder concurrently: only different shards of one batch may.
bool may_run_together(const Shard& a, const Shard& b);

/// A request to lock an output folder.
struct LockRequest {
  std::filesystem::path output;  ///< must exist
  Shard shard;
  std::string command;
  std::string run;    ///< name of the run, part of its staging folders
  bool wait = false;  ///< wait for the other run to end instead of failing
  /// Polled while waiting: whether to give up.
  std::function<bool()> stop_requested = [] { return false; };
  /// Called once for each run waited for.
  std::function<void(const LockOwner&)> on_wait = [](const LockOwner&) {};
};

/// Exclusive lock on an output folder among runs on one machine or on several that share it.
///
/// Each run creates its own file `OUT/.lock-<name>`, a JSON document with host, process id, start
/// time of the process, boot id and time of creation. A run creates its file, lists those of other
/// runs, and holds the folder if none of them does; among concurrent requests the one whose name
/// sorts first wins. The protocol therefore needs only exclusive file creation and directory
/// listing from the file system, and any run may remove a stale file at any time, as names are
/// never reused. A run counts as ended, whatever its file says, if its process on this host no
/// longer exists or was started at another time, if this host has rebooted since, or if on another
/// host it has not touched its file for two minutes. The holder touches its file every 20 seconds.
class RunLock {
 public:
  /// Acquires the lock.
  /// @throws Error(output) naming the run that holds the folder, or if no lock file can be created;
  /// Error(interrupted) if stopped while waiting
  static RunLock acquire(const LockRequest& request);

  RunLock(RunLock&&) noexcept;
  RunLock& operator=(RunLock&&) noexcept;
  /// Releases the folder.
  ~RunLock();

  /// The names of all runs active in the folder, including this one.
  [[nodiscard]] std::set<std::string> active_runs() const;

  /// @throws Error(output) if another run took over the folder because this one was suspended for
  /// so long that it was considered dead
  void require_held() const;

 private:
  struct Held;
  explicit RunLock(std::unique_ptr<Held> held);
  std::unique_ptr<Held> held_;
};

/// Waits until no conflicting run is active in a folder, before anything is read that the other run
/// may still change. Creates nothing if there is none.
/// @throws as RunLock::acquire
void wait_for_runs(const LockRequest& request);

/// Describes a run: "HOST, process PID, since 2024-05-01T12:00:00Z".
std::string describe(const LockOwner& owner);

}  // namespace spine::batch
