#include "spine/util/heap.h"

#include "support/catch.h"

// AddressSanitizer has an allocator of its own.
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
TEST_CASE("The C library takes what it is told about freed memory") {
  CHECK(spine::keep_freed_memory());
}
#endif
