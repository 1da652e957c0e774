#include "spine/util/heap.h"

#include <cstdlib>  // defines __GLIBC__

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace spine {

bool keep_freed_memory() {
#ifdef __GLIBC__
  constexpr int kNever = 1 << 30;
  constexpr int kTopPad = 64 << 20;  // minimum growth of a heap
  return mallopt(M_MMAP_THRESHOLD, kNever) == 1 && mallopt(M_TRIM_THRESHOLD, kNever) == 1 &&
         mallopt(M_TOP_PAD, kTopPad) == 1;
#else
  return false;
#endif
}

}  // namespace spine
