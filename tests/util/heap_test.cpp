#include "spine/util/heap.h"

#include "support/catch.h"

// AddressSanitizer has its own allocator.
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
TEST_CASE("The C library accepts the settings for freed memory") {
  CHECK(spine::keep_freed_memory());
}
#endif
