#include "spine/core/heap.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace spine {

void keep_freed_memory() {
#ifdef __GLIBC__
  constexpr int kNever = 1 << 30;
  constexpr int kTopPad = 64 << 20;  // how much a heap grows at once, at least
  mallopt(M_MMAP_THRESHOLD, kNever);
  mallopt(M_TRIM_THRESHOLD, kNever);
  mallopt(M_TOP_PAD, kTopPad);
#endif
}

}  // namespace spine
