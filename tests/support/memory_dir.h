#pragma once
#include <cstdlib>

#include <unistd.h>

namespace spine::test {

/// Temporary folders from here on lie in memory, where there is such a place, so that many syncs
/// take no time.
inline void keep_temp_dirs_in_memory() {
  if (::access("/dev/shm", W_OK | X_OK) == 0) ::setenv("TMPDIR", "/dev/shm", 1);
}

}  // namespace spine::test
