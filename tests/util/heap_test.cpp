#include "spine/util/heap.h"

#include "support/catch.h"

#ifdef __GLIBC__
TEST_CASE("The C library takes what it is told about freed memory") {
  CHECK(spine::keep_freed_memory());
}
#endif
