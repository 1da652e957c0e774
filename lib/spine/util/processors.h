#pragma once
#include <filesystem>

namespace spine {

/// Number of processors this process may use: limited by its affinity (sched_getaffinity), the
/// quotas of its control groups (cgroup v2 cpu.max, v1 cpu.cfs_quota_us; rounded up) and Slurm
/// ($SLURM_CPUS_PER_TASK). At least 1.
int usable_processors();

/// `asked` threads, or usable_processors() if `asked` is 0.
inline int thread_count(int asked) { return asked > 0 ? asked : usable_processors(); }

/// usable_processors() with explicit inputs, for tests.
/// @param root  folder that contains proc/self/cgroup and sys/fs/cgroup
/// @param affinity  number of processors in the affinity mask
/// @param slurm  value of $SLURM_CPUS_PER_TASK; null if unset
int usable_processors(const std::filesystem::path& root, int affinity, const char* slurm);

}  // namespace spine
