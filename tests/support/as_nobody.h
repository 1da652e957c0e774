#pragma once
#include <unistd.h>

namespace spine::test {

/// While it lives, root has the rights of a user that owns nothing, so that permissions count.
class AsNobody {
 public:
  AsNobody() {
    if (::geteuid() == 0) changed_ = ::seteuid(65534) == 0;
  }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;
  AsNobody(AsNobody&&) = delete;
  AsNobody& operator=(AsNobody&&) = delete;
  ~AsNobody() {
    if (changed_ && ::seteuid(0) != 0) ::_exit(1);
  }

 private:
  bool changed_ = false;
};

}  // namespace spine::test
