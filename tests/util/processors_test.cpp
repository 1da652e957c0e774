#include "spine/util/processors.h"

#include <fstream>

#include "support/catch.h"
#include "support/temp_dir.h"

using spine::usable_processors;
namespace fs = std::filesystem;

namespace {

void put(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream(file) << text;
}

}  // namespace

TEST_CASE("Without quotas a process may use the processors of its affinity") {
  const spine::test::TempDir root;
  CHECK(usable_processors(root.path(), 12, nullptr) == 12);
  CHECK(usable_processors(root.path(), 0, nullptr) == 1);
  CHECK(usable_processors() >= 1);
}

TEST_CASE("The smallest quota of a control group and its ancestors counts, rounded up") {
  const spine::test::TempDir root;
  put(root / "proc/self/cgroup", "0::/a/b\n");
  put(root / "sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
  CHECK(usable_processors(root.path(), 12, nullptr) == 12);
  put(root / "sys/fs/cgroup/a/cpu.max", "250000 100000\n");
  CHECK(usable_processors(root.path(), 12, nullptr) == 3);
  CHECK(usable_processors(root.path(), 2, nullptr) == 2);
  put(root / "sys/fs/cgroup/a/b/cpu.max", "50000 100000\n");
  CHECK(usable_processors(root.path(), 12, nullptr) == 1);
  // As in a container whose group is the root of its hierarchy.
  put(root / "proc/self/cgroup", "0::/\n");
  put(root / "sys/fs/cgroup/cpu.max", "400000 100000\n");
  CHECK(usable_processors(root.path(), 12, nullptr) == 4);
}

TEST_CASE("Quotas of version 1 of control groups count as well") {
  const spine::test::TempDir root;
  put(root / "proc/self/cgroup", "5:memory:/x\n4:cpu,cpuacct:/job\n");
  put(root / "sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "-1\n");
  put(root / "sys/fs/cgroup/cpu/job/cpu.cfs_period_us", "100000\n");
  CHECK(usable_processors(root.path(), 12, nullptr) == 12);
  put(root / "sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "600000\n");
  CHECK(usable_processors(root.path(), 12, nullptr) == 6);
}

TEST_CASE("A Slurm task uses its processors, and invalid values are ignored") {
  const spine::test::TempDir root;
  CHECK(usable_processors(root.path(), 12, "4") == 4);
  CHECK(usable_processors(root.path(), 2, "4") == 2);
  for (const char* word : {"", "many", "0", "-3", "4x"}) {
    CHECK(usable_processors(root.path(), 12, word) == 12);
  }
  put(root / "proc/self/cgroup", "nonsense\n0:\n0::/a\n");
  put(root / "sys/fs/cgroup/a/cpu.max", "much\n");
  CHECK(usable_processors(root.path(), 12, nullptr) == 12);
}
