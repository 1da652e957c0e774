#pragma once
#include <filesystem>

namespace spine {

/// How many processors this process may keep busy: those it may run on (sched_getaffinity), no more
/// than the quotas of its control groups allow (cgroup v2 cpu.max, v1 cpu.cfs_quota_us; rounded
/// up), nor than Slurm gave the task ($SLURM_CPUS_PER_TASK). At least 1.
int usable_processors();

/// `asked` threads, or where that is 0 as many as this process may keep processors busy.
inline int thread_count(int asked) { return asked > 0 ? asked : usable_processors(); }

/// usable_processors() of a system whose /proc/self/cgroup and /sys/fs/cgroup lie under another
/// root.
/// @param affinity  processors that it may run on
int usable_processors(const std::filesystem::path& root, int affinity, const char* slurm);

}  // namespace spine
